import Formats

/// Sums up the notes that reach a task, its own among them.
final class NoteCollector {
  private(set) var note: StageNote?

  func add(_ other: StageNote) {
    if var note {
      note.rejected.append(other.rejected)
      self.note = note
    } else {
      note = other
    }
  }
}

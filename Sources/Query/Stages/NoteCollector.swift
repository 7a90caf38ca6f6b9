import Formats

/// Sums up the notes that reach a task, its own among them.
final class NoteCollector {
  private(set) var note: StageNote?

  func add(_ other: StageNote) {
    var sum = note ?? StageNote()
    sum.add(other)
    note = sum
  }
}

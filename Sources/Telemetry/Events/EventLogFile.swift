import Foundation
import Wire

/// Reads event logs. A truncated log is read as far as it goes.
package struct EventLogFile: Sendable {
  package let path: String
  package let job: JobID

  /// Size in bytes; 0 if the file does not exist.
  package var size: Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// The logs in a folder, sorted by job, including those of running jobs.
  package static func list(_ folder: String) throws(StateError) -> [EventLogFile] {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw .folder(folder, reason: "cannot be read: \(error.localizedDescription)")
    }
    return names.sorted().compactMap { name in
      for ending in [".jsonl", ".jsonl.part"] where name.hasSuffix(ending) {
        let job = String(name.dropLast(ending.count))
        if JobID.isValid(job) { return EventLogFile(path: folder + "/" + name, job: JobID(job)) }
      }
      return nil
    }
  }

  /// Calls `body` with each event, in order.
  /// - Throws: ``StateError`` if the file is not an event log, or of a later version.
  package func forEach(_ body: (ClusterEvent) -> Void) throws(StateError) {
    let file = try open()
    defer { fclose(file) }
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    var lines = EventLogLines(job: job)
    while true {
      let count = getline(&buffer, &capacity, file)
      guard count >= 0, let buffer else { break }
      do throws(StateError) {
        if let event = try lines.read(UnsafeRawBufferPointer(start: buffer, count: count)) { body(event) }
      } catch {
        throw .invalid("\(path):\(lines.count): \(error)")
      }
    }
    if lines.count == 0 { throw .invalid("\(path): this is no event log; it is empty") }
  }

  /// Non-blocking, so that a named pipe with the name of a log cannot block.
  private func open() throws(StateError) -> UnsafeMutablePointer<FILE> {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .folder(path, reason: String(cString: strerror(errno))) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let file = fdopen(descriptor, "r")
    else {
      close(descriptor)
      throw .invalid("\(path): this is no event log")
    }
    return file
  }
}

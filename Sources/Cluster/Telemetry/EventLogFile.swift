import Engine
import Foundation
import Wire

/// Reads event logs again. A log whose end is missing is read as far as it goes.
package struct EventLogFile: Sendable {
  package let path: String
  package let job: JobID

  /// Bytes; 0 for a file that is gone.
  var size: Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// The logs in a folder, by the names of their jobs; of jobs that have not ended, too.
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
  /// - Throws: ``StateError``: the file is no event log, or one of a later version.
  package func forEach(_ body: (ClusterEvent) -> Void) throws(StateError) {
    let file = try open()
    defer { fclose(file) }
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    var number = 0
    while true {
      let count = getline(&buffer, &capacity, file)
      guard count >= 0, let buffer else { break }
      number += 1
      let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .invalid("\(path):\(number): no UTF-8")
      }
      guard text != "\n" else { continue }
      guard let json = try? JSONText.parse(text) else {
        if number == 1 { throw .invalid("\(path): this is no event log") }
        // The line that a driver was writing when it died.
        continue
      }
      if number == 1 {
        try check(json)
        continue
      }
      do throws(StateError) {
        if let event = try ClusterEvent(json: json, job: job) { body(event) }
      } catch {
        throw .invalid("\(path):\(number): \(error)")
      }
    }
    if number == 0 { throw .invalid("\(path): this is no event log; it is empty") }
  }

  /// Without waiting for the writer of a pipe that has the name of a log.
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

  private func check(_ header: JSONValue) throws(StateError) {
    guard header["format"]?.text == "swiftlet.events", let version = header["version"]?.int else {
      throw .invalid("\(path): this is no event log")
    }
    guard version <= ClusterEvent.logVersion else {
      throw .invalid("\(path): version \(version); this program reads up to \(ClusterEvent.logVersion)")
    }
  }
}

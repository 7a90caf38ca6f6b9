import Basics
import Foundation
import Synchronization
import Wire

/// A driver's jobs on disk, one file each, so that a later driver can resume them: `DIR/jobs/ID.json`. Readable by the owner
/// only, because job files may contain credentials. Blocking; can be used from any thread.
package final class StateFolder: Sendable {
  static let version = 1
  private static let largest = 64 << 20

  let path: String
  private let jobs: String
  /// Locked for the life of the process: two drivers would run each job twice.
  private let lock: Int32
  private let counter = Atomic(0)

  /// Creates the folder if it does not exist.
  package init(_ path: String) throws(StateError) {
    self.path = path
    jobs = path + "/jobs"
    if let code = StateFolder.make(jobs, mode: 0o700) {
      throw .folder(path, reason: "cannot be made: \(StateFolder.reason(code))")
    }
    lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw .folder(path, reason: StateFolder.reason(errno)) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw .locked(path)
    }
  }

  deinit { close(lock) }

  /// Replaces the file atomically, so that a crash leaves the old or the new version.
  package func save(_ record: JobRecord, _ submission: JobSubmission?) throws(StateError) {
    var object: [String: JSONValue] = ["version": .count(StateFolder.version), "record": record.stateJSON]
    if let submission {
      object["submission"] = ["text": .string(submission.text), "force": .bool(submission.force)]
    }
    let temporary = "\(jobs)/.\(counter.add(1, ordering: .relaxed).newValue).part"
    do throws(StateError) {
      try write(Array(JSONText.compact(.object(object)).utf8), to: temporary)
      guard rename(temporary, file(of: record.id)) == 0 else { throw failure("put in place", errno) }
      try sync(jobs)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  package func remove(_ id: JobID) { unlink(file(of: id)) }

  /// The saved jobs in order of submission. An unreadable file is moved aside and reported; the others are used.
  package func load(_ log: (String) -> Void) -> [(JobRecord, JobSubmission)] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: jobs)) ?? []).sorted()
    var loaded: [(JobRecord, JobSubmission)] = []
    for name in names {
      let path = jobs + "/" + name
      guard name.hasSuffix(".json") else {
        if name.hasSuffix(".part") { unlink(path) }
        continue
      }
      do throws(StateError) {
        loaded.append(try read(path))
      } catch {
        log("\(path) cannot be used and was renamed to \(name).broken: \(error)")
        rename(path, path + ".broken")
      }
    }
    return loaded.sorted { ($0.0.submitted, $0.0.id.name) < ($1.0.submitted, $1.0.id.name) }
  }

  private func read(_ path: String) throws(StateError) -> (JobRecord, JobSubmission) {
    guard let handle = FileHandle(forReadingAtPath: path),
      let data = try? handle.read(upToCount: StateFolder.largest + 1)
    else { throw .invalid("it cannot be read") }
    guard data.count <= StateFolder.largest else { throw .invalid("it is too large") }
    guard let text = String(validating: data, as: UTF8.self) else { throw .invalid("it is not UTF-8") }
    let json: JSONValue
    do { json = try JSONText.parse(text) } catch { throw .invalid("it is not JSON: \(error)") }
    guard json["version"]?.int == StateFolder.version else {
      throw .invalid("expected version \(StateFolder.version)")
    }
    guard let member = json["record"] else { throw .invalid("it has no record") }
    let record = try JobRecord(state: member)
    let submission = JobSubmission(
      name: record.name, text: json["submission"]?["text"]?.text ?? "",
      force: json["submission"]?["force"]?.bool ?? false, isDetached: record.isDetached)
    guard record.state.isEnd || submission.digest == record.digest else {
      throw .invalid("its job is not the submitted one")
    }
    return (record, submission)
  }

  private func file(of id: JobID) -> String { "\(jobs)/\(id.name).json" }

  private func write(_ bytes: [UInt8], to path: String) throws(StateError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("written", errno) }
    defer { close(file) }
    if let code = SystemFile.writeAll(bytes, to: file) { throw failure("written", code) }
    guard fsync(file) == 0 else { throw failure("written", errno) }
  }

  private func sync(_ folder: String) throws(StateError) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("read", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("written", errno) }
  }

  private func failure(_ what: String, _ code: Int32) -> StateError {
    .folder(path, reason: "the state of a job cannot be \(what): \(StateFolder.reason(code))")
  }

  static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// Creates a folder and its parents. Foundation's errors do not give the reason for a failure.
  /// - Returns: The system's error code; nil on success.
  static func make(_ path: String, mode: mode_t) -> Int32? {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part
      if mkdir(made, mode) != 0, errno != EEXIST { return errno }
      made += "/"
    }
    var status = stat()
    guard stat(path, &status) == 0 else { return errno }
    return status.st_mode & S_IFMT == S_IFDIR ? nil : ENOTDIR
  }
}

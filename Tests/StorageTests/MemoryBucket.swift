import Storage
import Synchronization
import TestSupport

/// An object store in memory with uploads and conditional writes: what a new kind of store has to implement. It can die: from an operation
/// on, everything fails.
final class MemoryBucket: ObjectStore {
  struct State {
    var objects: [ObjectName: ObjectContents] = [:]
    var uploads: [String: (uri: String, bytes: [UInt8])] = [:]
    var writes = 0
    var operationsLeft = Int.max
    var hasConditions = true
  }

  let state = Mutex(State())
  let lockSeconds: Double
  /// Called before every write that changes an object, without the lock.
  let observe: @Sendable (MemoryBucket, String) -> Void

  init(lockSeconds: Double = 2, observe: @escaping @Sendable (MemoryBucket, String) -> Void = { _, _ in }) {
    self.lockSeconds = lockSeconds
    self.observe = observe
  }

  var capabilities: StoreCapabilities { [.write, .conditionalPut, .uploads] }

  /// All later operations fail after `count` more.
  func die(after count: Int) { state.withLock { $0.operationsLeft = count } }
  func revive() { state.withLock { $0.operationsLeft = .max } }

  private func use<Result>(_ body: (inout State) throws -> Result) throws -> Result {
    try state.withLock { state in
      guard state.operationsLeft > 0 else {
        throw StorageError.transient(location: "memory", message: "the store is dead")
      }
      state.operationsLeft -= 1
      return try body(&state)
    }
  }

  private func write(_ uri: String, _ bytes: [UInt8], _ state: inout State) -> String {
    state.writes += 1
    state.objects[ObjectName(uri)] = ObjectContents(bytes: bytes, version: "v\(state.writes)")
    return "v\(state.writes)"
  }

  func list(_ uri: String) throws -> [ObjectInfo] { try listPrefix(uri) }

  func scan(prefix: String) throws -> [ObjectInfo] {
    try use { state in
      state.objects.filter { $0.key.description.utf8.starts(with: prefix.utf8) }
        .map {
          ObjectInfo(uri: $0.key.description, size: Int64($0.value.bytes.count), version: $0.value.version)
        }
        .sorted { $0.name < $1.name }
    }
  }

  func info(_ uri: String) throws -> ObjectInfo {
    guard let found = try contents(uri, limit: .max) else {
      throw StorageError.notFound(location: uri, message: "there is no such object")
    }
    return ObjectInfo(uri: uri, size: Int64(found.bytes.count), version: found.version)
  }

  func open(_ object: ObjectInfo) throws -> any ObjectReader {
    guard let found = try contents(object.uri, limit: .max), found.version == object.version else {
      throw StorageError.invalid(location: object.uri, message: "has changed since it was listed")
    }
    return MemoryReader(object, found.bytes)
  }

  func contents(_ uri: String, limit: Int) throws -> ObjectContents? {
    let found = try use { $0.objects[ObjectName(uri)] }
    guard (found?.bytes.count ?? 0) <= limit else {
      throw StorageError.invalid(location: uri, message: "is too long")
    }
    return found
  }

  func put(_ uri: String, _ bytes: [UInt8], if condition: PutCondition) throws -> PutResult {
    observe(self, uri)
    return try use { state in
      let present = state.objects[ObjectName(uri)]?.version
      if condition != .none, !state.hasConditions { return .unsupported }
      switch condition {
      case .none: break
      case .absent: if present != nil { return .refused }
      case .unchanged(let version): if present != version { return .refused }
      }
      return .done(version: write(uri, bytes, &state))
    }
  }

  func sink(_ uri: String, durable: Bool) throws -> any ByteSink {
    Sink { [self] bytes in
      _ = try put(uri, bytes, if: .none)
      return nil
    }
  }

  func delete(_ uris: [String]) throws {
    for uri in uris { observe(self, uri) }
    try use { state in for uri in uris { state.objects[ObjectName(uri)] = nil } }
  }

  func upload(_ uri: String) throws -> any UploadSink {
    Sink { [self] bytes in
      try use { state in
        state.writes += 1
        let id = "u\(state.writes)"
        state.uploads[id] = (uri, bytes)
        return ObjectUpload(uri: uri, id: id, parts: [UploadPart(number: 1, eTag: id)], bytes: bytes.count)
      }
    }
  }

  func complete(_ uploads: [ObjectUpload]) throws {
    for upload in uploads {
      observe(self, upload.uri)
      try use { state in
        guard let found = state.uploads.removeValue(forKey: upload.id) else {
          throw StorageError.notFound(location: upload.uri, message: "the upload does not exist")
        }
        _ = write(found.uri, found.bytes, &state)
      }
    }
  }

  func abort(_ uploads: [ObjectUpload]) throws {
    try use { state in for upload in uploads { state.uploads[upload.id] = nil } }
  }

  func uploads(prefix: String) throws -> [ObjectUpload] {
    try use { state in
      state.uploads.filter { $0.value.uri.utf8.starts(with: prefix.utf8) }.map {
        ObjectUpload(uri: $0.value.uri, id: $0.key)
      }
    }
  }

  private final class Sink: UploadSink {
    private var bytes: [UInt8] = []
    private let done: ([UInt8]) throws -> ObjectUpload?
    private(set) var upload: ObjectUpload?
    init(_ done: @escaping ([UInt8]) throws -> ObjectUpload?) { self.done = done }
    func write(_ bytes: UnsafeRawBufferPointer) throws { self.bytes.append(contentsOf: bytes) }
    func close() throws { upload = try done(bytes) }
    func abort() {}
  }
}

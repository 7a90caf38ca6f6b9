import Wire

/// A published output folder, as a reader sees it, in any store.
package struct OutputFolder: Sendable {
  /// Canonical.
  package let uri: ObjectURI
  private let store: any ObjectStore

  /// - Parameter settings: Of the job; they say how a store is reached.
  package init(_ uri: String, settings: Settings = Settings()) throws(StorageError) {
    try self.init(uri, in: try ObjectStores.store(for: uri, settings: settings))
  }

  package init(_ uri: String, in store: any ObjectStore) throws(StorageError) {
    self.uri = try ObjectURI(uri).resolved()
    self.store = store
  }

  /// - Returns: nil where there is no folder, or one that we did not write.
  package func manifest() throws -> Manifest? {
    do {
      return try store.contents(uri.appending(Manifest.fileName).description, limit: 64 << 20)
        .flatMap { Manifest(json: $0.bytes) }
    } catch StorageError.notFound {
      // Not even the bucket.
      return nil
    }
  }

  /// The manifest, if a run with the same fingerprint made the folder and all its files are there with their full length. An unreadable
  /// folder is not complete.
  package func complete(fingerprint: String) -> Manifest? {
    guard let manifest = try? manifest(), manifest.fingerprint == fingerprint,
      let found = try? store.scan(prefix: uri.appending("").description)
    else { return nil }
    var sizes: [ObjectName: Int64] = [:]
    for object in found { sizes[object.name] = object.size }
    func size(_ name: String) -> Int64? { sizes[ObjectName(uri.appending(name).description)] }
    // A run that died right after it had published has left the files of the output before.
    if size(UploadCommit.journalName) != nil { return nil }
    let files = manifest.files + manifest.sideFiles
    return files.allSatisfy { size($0.name) == Int64($0.bytes) } ? manifest : nil
  }

  package func isComplete(fingerprint: String) -> Bool { complete(fingerprint: fingerprint) != nil }
}

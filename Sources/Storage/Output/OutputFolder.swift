import Wire

/// A published output folder, as a reader sees it, in whatever store it is.
package struct OutputFolder: Sendable {
  /// Canonical.
  package let uri: ObjectURI
  private let settings: Settings

  /// - Parameter settings: Of the job; they say how a store is reached.
  package init(_ uri: String, settings: Settings = Settings()) throws(StorageError) {
    self.uri = try ObjectURI(uri).resolved()
    self.settings = settings
  }

  /// - Returns: nil where there is no folder, or none that was written by us.
  package func manifest() throws -> Manifest? {
    do {
      return Manifest(
        json: try ObjectStores.contents(of: uri.appending(Manifest.fileName).description, settings: settings))
    } catch StorageError.notFound {
      return nil
    }
  }

  /// The manifest, where the folder is complete: made by a run with the same fingerprint, with all its files there at their
  /// full length. An unreadable folder is not complete.
  package func complete(fingerprint: String) -> Manifest? {
    guard let manifest = try? manifest(), manifest.fingerprint == fingerprint,
      let store = try? ObjectStores.store(for: uri.description, settings: settings)
    else { return nil }
    let files = manifest.files + manifest.sideFiles
    if case .s3 = uri.location {
      // One listing instead of a request for every file.
      guard let place = try? S3OutputPlace(uri.description, settings: settings),
        let found = try? place.bucket.list(prefix: place.prefix)
      else { return nil }
      // A run that died right after it had published has left the files of the output before.
      if found.contains(where: { $0.key == place.key(S3OutputPlace.journal) }) { return nil }
      let sizes = Dictionary(found.map { ($0.key, $0.size) }) { first, _ in first }
      return files.allSatisfy { sizes[place.key($0.name)] == Int64($0.bytes) } ? manifest : nil
    }
    let whole = files.allSatisfy { file in
      (try? store.info(uri.appending(file.name).description))?.size == Int64(file.bytes)
    }
    return whole ? manifest : nil
  }

  package func isComplete(fingerprint: String) -> Bool { complete(fingerprint: fingerprint) != nil }
}

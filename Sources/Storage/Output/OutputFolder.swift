/// A published output folder, as a reader sees it, in whatever store it is.
package struct OutputFolder: Sendable {
  /// Canonical.
  package let uri: ObjectURI

  package init(_ uri: String) throws(StorageError) { self.uri = try ObjectURI(uri).resolved() }

  /// - Returns: nil where there is no folder, or none that was written by us.
  package func manifest() throws -> Manifest? {
    do {
      return Manifest(json: try ObjectStores.contents(of: uri.appending(Manifest.fileName).description))
    } catch StorageError.notFound {
      return nil
    }
  }

  /// The manifest, where the folder is complete: made by a run with the same fingerprint, with all its files there at their
  /// full length. An unreadable folder is not complete.
  package func complete(fingerprint: String) -> Manifest? {
    guard let manifest = try? manifest(), manifest.fingerprint == fingerprint,
      let store = try? ObjectStores.store(for: uri.description)
    else { return nil }
    let whole = (manifest.files + manifest.sideFiles).allSatisfy { file in
      (try? store.info(uri.appending(file.name).description))?.size == Int64(file.bytes)
    }
    return whole ? manifest : nil
  }

  package func isComplete(fingerprint: String) -> Bool { complete(fingerprint: fingerprint) != nil }
}

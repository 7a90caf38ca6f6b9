import Wire

/// What a step reads: every file under a folder or prefix that is not hidden, whatever its name ends with. In a complete output of ours, of our
/// files exactly those that the manifest lists, so that nobody reads half of a new output or what a failed run left. Files that somebody
/// else put there are read too: leaving them out would be silent loss.
package enum InputFolder {
  /// Ordered by the bytes of their URIs.
  /// - Throws: `StorageError.notFound` where there is nothing; `.corrupt` where files are not as the manifest says.
  package static func list(_ uri: String, settings: Settings = Settings()) throws -> [ObjectInfo] {
    try list(uri, in: try ObjectStores.store(for: uri, settings: settings))
  }

  package static func list(_ uri: String, in store: any ObjectStore) throws -> [ObjectInfo] {
    // The manifest first: what it lists is there from then on, while an older listing could miss it.
    let folder = try OutputFolder(uri, in: store)
    guard let manifest = try folder.manifest() else { return try store.list(uri) }
    var found: [ObjectName: ObjectInfo] = [:]
    do {
      for object in try store.list(folder.uri.description) { found[object.name] = object }
    } catch StorageError.notFound {
      // In an object store, a folder with nothing but the manifest.
    }
    let listed = try manifest.files.map { file in
      let uri = folder.uri.appending(file.name).description
      guard let object = found.removeValue(forKey: ObjectName(uri)) else {
        throw StorageError.corrupt(
          location: uri,
          message:
            "is listed in \(Manifest.fileName) but does not exist: removed, or replaced by a run that has "
            + "just ended; run again, or remove \(Manifest.fileName) to read the folder as it is")
      }
      guard object.size == Int64(file.bytes) else {
        throw StorageError.corrupt(
          location: uri,
          message:
            "has \(object.size) bytes, \(Manifest.fileName) says \(file.bytes): something else changed it")
      }
      return object
    }
    // Where folders are not replaced as a whole, files with a tag belong to a run that is not published, or not any more.
    let mayBeUnpublished = !store.capabilities.contains(.atomicFolders)
    let others = found.values.filter { !mayBeUnpublished || FileTag.tag(of: $0.uri) == nil }
    return (listed + others).sorted { $0.name < $1.name }
  }
}

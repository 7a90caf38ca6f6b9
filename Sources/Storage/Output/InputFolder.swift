import Wire

/// What a step reads: the objects under a folder or prefix. Where a complete output of ours is there, of its files exactly those that
/// its manifest lists, so that nobody reads half of a new output (on S3 files appear one after the other), or what a failed run left.
/// Files that somebody else put there are read too: to pass over them would be a loss that nobody is told of.
package enum InputFolder {
  /// In the order of their URIs' bytes.
  /// - Throws: `StorageError.notFound` where there is nothing; `.corrupt` where files are not as the manifest says.
  package static func list(_ uri: String, settings: Settings = Settings()) throws -> [ObjectInfo] {
    let store = try ObjectStores.store(for: uri, settings: settings)
    // The manifest first: what it lists is there from then on, while a listing that is older could miss it.
    let folder = try OutputFolder(uri, settings: settings)
    guard let manifest = try folder.manifest() else { return try store.list(uri) }
    var found: [String: ObjectInfo] = [:]
    do {
      for object in try store.list(folder.uri.description) { found[object.uri] = object }
    } catch StorageError.notFound {
      // On S3, a folder with nothing but the manifest.
    }
    let listed = try manifest.files.map { file in
      let place = folder.uri.appending(file.name).description
      guard let object = found.removeValue(forKey: place) else {
        throw StorageError.corrupt(
          place: place,
          message:
            "is listed in \(Manifest.fileName) but is not there: removed, or replaced by a run that has "
            + "just ended; run again, or remove \(Manifest.fileName) to read the folder as it is")
      }
      guard object.size == Int64(file.bytes) else {
        throw StorageError.corrupt(
          place: place,
          message:
            "is \(object.size) bytes long, \(Manifest.fileName) says \(file.bytes): changed by somebody else")
      }
      return object
    }
    return (listed + found.values.filter { !isUnpublished($0) }).sorted {
      LocalFolder.precedes($0.uri, $1.uri)
    }
  }

  /// A file of a run of ours that is not published, or not any more. On a local disk there are none: folders are put in place whole.
  private static func isUnpublished(_ object: ObjectInfo) -> Bool {
    object.uri.hasPrefix("s3://") && S3OutputPlace.isTagged(object.uri)
  }
}

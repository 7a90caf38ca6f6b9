import Basics
import Foundation
import Storage
import Wire

/// A file of a table, with the folders that may hold values of columns.
struct ListedFile: Sendable {
  let object: ObjectInfo
  /// The folders above the file that the user's path names or implies.
  let folders: [String]
}

/// Finds the files that a table's paths stand for: a file, a folder with all below it, or a pattern. Hidden names are left out.
enum FileListing {
  /// - Returns: The files in the order of their URIs' bytes, each once.
  /// - Throws: `StorageError.notFound` naming a path that no file matches.
  static func files(_ paths: [String], _ settings: Settings) throws -> [ListedFile] {
    guard !paths.isEmpty else {
      throw StorageError.invalid(location: "files", message: "the list of paths is empty")
    }
    var found: [ObjectName: ListedFile] = [:]
    for path in paths {
      for file in try files(path, settings) { found[file.object.name] = file }
    }
    return found.values.sorted { $0.object.name < $1.object.name }
  }

  private static func files(_ path: String, _ settings: Settings) throws -> [ListedFile] {
    let uri = try ObjectURI(path)
    let absolute = try uri.resolved()
    let store = try ObjectStores.store(for: path, settings: settings)
    let objects: [ObjectInfo]
    if FilePattern.isPattern(uri.path), (try? store.info(absolute.description)) == nil {
      objects = try match(absolute, store)
    } else {
      objects = try InputFolder.list(path, settings: settings)
    }
    guard !objects.isEmpty else {
      throw StorageError.notFound(location: path, message: "no file matches")
    }
    // Folders above what the user wrote, such as the working directory, have no say.
    let above = ObjectName.parts(absolute.path).count - ObjectName.parts(uri.path).filter { $0 != "." }.count
    return try objects.map { object in
      let parts = ObjectName.parts(try ObjectURI(object.uri).path).map(String.init)
      return ListedFile(object: object, folders: Array(parts.dropLast().dropFirst(max(0, above))))
    }
  }

  private static func match(_ uri: ObjectURI, _ store: any ObjectStore) throws -> [ObjectInfo] {
    let pattern = FilePattern(uri.path)
    let base = pattern.segments.prefix(pattern.literals).joined(separator: "/")
    if uri.bucket.isEmpty, !pattern.isRecursive {
      return try expand("/" + base, pattern.segments.dropFirst(pattern.literals)).flatMap {
        try store.list($0)
      }
    }
    let folder = ObjectURI(
      scheme: uri.scheme, bucket: uri.bucket, path: uri.bucket.isEmpty ? "/" + base : base)
    let prefix = folder.description.hasSuffix("/") ? folder.description : folder.description + "/"
    return try store.scan(prefix: prefix).filter { object in
      guard let path = try? ObjectURI(object.uri).path, !object.uri.hasSuffix("/") else { return false }
      return pattern.matches(ObjectName.parts(path).map(String.init))
    }
  }

  /// The files and folders on disk that match, one level at a time: only folders that match are listed.
  private static func expand(_ folder: String, _ segments: ArraySlice<String>) throws -> [String] {
    guard let first = segments.first else { return [folder] }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      return []
    }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw StorageError.invalid(location: folder, message: "cannot be listed: \(error.localizedDescription)")
    }
    return try names.filter { FilePattern.matches($0, first) }.sorted(by: ObjectName.precedes).flatMap {
      name in
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      guard segments.count > 1 else { return [path] }
      return try expand(path, segments.dropFirst())
    }
  }
}

import Storage
import Wire

/// The rejected lines of a step that fails because of them. They are written beside the output's data, which stays as it is.
enum RejectedFile {
  /// - Returns: The URI of the file; nil if there are no lines.
  static func write(_ lines: [String], output: String, settings: Settings) throws -> String? {
    guard !lines.isEmpty else { return nil }
    let uri = try uri(output, settings)
    let sink = try ObjectStores.sink(for: uri, settings: settings)
    do {
      for var line in lines { try line.withUTF8 { try sink.write(UnsafeRawBufferPointer($0)) } }
      try sink.close()
    } catch {
      sink.abort()
      throw error
    }
    return uri
  }

  /// Removes the file of an earlier run, once a new output is published. Where folders are replaced as a whole, it is gone already.
  static func remove(output: String, settings: Settings) {
    guard let uri = try? uri(output, settings) else { return }
    try? ObjectStores.store(for: uri, settings: settings).delete([uri])
  }

  private static func uri(_ output: String, _ settings: Settings) throws -> String {
    try OutputFolder(output, settings: settings).uri.appending(Manifest.rejectedFile).description
  }
}

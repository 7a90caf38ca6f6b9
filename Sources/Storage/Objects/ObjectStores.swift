import Wire

/// The registry of object stores: finds the store for a URI. A new kind of store is a folder of its own and one line in ``kinds``.
package enum ObjectStores {
  package static let kinds: [ObjectStoreKind] = [
    LocalStore.kind,
    S3Store.kind,
  ]

  static func kind(_ scheme: String) -> ObjectStoreKind? { kinds.first { $0.scheme == scheme } }

  /// - Parameter settings: Of the job; they say how a store is reached.
  /// - Throws: `StorageError.invalid` for a scheme that has no store.
  package static func store(for uri: String, settings: Settings = Settings()) throws(StorageError)
    -> any ObjectStore
  {
    let parsed = try ObjectURI(uri)
    guard let kind = kind(parsed.scheme) else { throw ObjectURI.unknownScheme(parsed.scheme, uri) }
    return try kind.open(settings)
  }

  /// A sink that replaces the object at `uri` when it is closed.
  package static func sink(
    for uri: String, settings: Settings = Settings(), durable: Bool = true
  ) throws -> any ByteSink {
    let canonical = try ObjectURI(uri).resolved().description
    return try store(for: uri, settings: settings).sink(canonical, durable: durable)
  }

  /// The whole of a small object.
  /// - Throws: `StorageError.notFound`; `.invalid` where it is longer than `limit` bytes.
  package static func contents(
    of uri: String, settings: Settings = Settings(), limit: Int = 64 << 20
  ) throws -> [UInt8] {
    guard let found = try store(for: uri, settings: settings).contents(uri, limit: limit) else {
      throw StorageError.notFound(location: uri, message: "does not exist")
    }
    return found.bytes
  }
}

/// What a store registers: how its URIs are written, its settings, and how it is opened.
package struct ObjectStoreKind: Sendable {
  package let scheme: String
  /// For errors: `s3://bucket/key`.
  package let form: String
  /// Schemes of other programs for the same store, refused with a hint.
  package var aliases: [String] = []
  /// Those that the store understands.
  package var settings: [SettingKey] = []
  /// Bucket and path from what follows `scheme:`; `text` is for errors.
  let parse:
    @Sendable (_ rest: Substring, _ text: String) throws(StorageError) -> (bucket: String, path: String)
  /// Cheap: called for every access.
  let open: @Sendable (Settings) throws(StorageError) -> any ObjectStore
}

extension SettingKey {
  /// All settings with a name, in the order of the reference. Beside them, ``passThrough`` lets through what a library knows.
  package static var known: [SettingKey] { ObjectStores.kinds.flatMap(\.settings) }
}

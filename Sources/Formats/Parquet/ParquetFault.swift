import Storage

/// An error inside a Parquet file, without its location. Decoders throw it; `ParquetFile` adds the URI, row group and column
/// and turns it into a `StorageError`.
package enum ParquetFault: Error, Hashable, Sendable {
  /// The bytes violate the format.
  case corrupt(String)
  /// The bytes may be valid, but they use a feature that this reader does not support.
  case unsupported(String)
}

/// Runs `body` and adds the location to any error that a decoder throws.
func locating<R>(_ location: @autoclosure () -> String, _ body: () throws -> R) throws -> R {
  do {
    return try body()
  } catch ParquetFault.corrupt(let message) {
    throw StorageError.corrupt(location: location(), message: message)
  } catch ParquetFault.unsupported(let message) {
    throw StorageError.invalid(location: location(), message: message)
  } catch let error as CodecError {
    if case .outOfMemory = error {
      throw StorageError.transient(location: location(), message: "\(error)")
    }
    throw StorageError.corrupt(location: location(), message: "\(error)")
  }
}

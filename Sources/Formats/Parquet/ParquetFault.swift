import Storage

/// What is wrong inside a Parquet file, before the place is known. Decoders throw it; `ParquetFile` adds the URI, row
/// group and column and turns it into a `StorageError`.
package enum ParquetFault: Error, Hashable, Sendable {
  /// The bytes break the format.
  case corrupt(String)
  /// The bytes may be fine, but this reader does not do what they ask for.
  case unsupported(String)
}

/// Runs `body` and gives whatever a decoder throws its place.
func locating<R>(_ place: @autoclosure () -> String, _ body: () throws -> R) throws -> R {
  do {
    return try body()
  } catch ParquetFault.corrupt(let message) {
    throw StorageError.corrupt(place: place(), message: message)
  } catch ParquetFault.unsupported(let message) {
    throw StorageError.invalid(place: place(), message: message)
  } catch let error as CodecError {
    if case .outOfMemory = error {
      throw StorageError.transient(place: place(), message: "\(error)")
    }
    throw StorageError.corrupt(place: place(), message: "\(error)")
  }
}

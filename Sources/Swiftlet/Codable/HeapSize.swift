/// Measures the heap memory of a record: the allocations of its arrays, strings and data.
final class HeapSize: FieldSink {
  private var bytes = 0

  static func of<T: Encodable>(_ value: T) throws -> Int {
    if _isPOD(T.self) { return 0 }
    if let form = T.self as? any RecordForm.Type { return try of(value, as: form) }
    let size = HeapSize()
    try size.take(value)
    return size.bytes
  }

  /// `F` is the same type as `T`.
  private static func of<F: RecordForm, T>(_ value: T, as form: F.Type) throws -> Int {
    try form.heapBytes(unsafeBitCast(value, to: F.self))
  }

  func field<T: Encodable>(_ name: String, _ value: T) throws { bytes += try HeapSize.of(value) }
  func optional<T: Encodable>(_ name: String, _ value: T?) throws {
    if let value { bytes += try HeapSize.of(value) }
  }
  func missing(_ name: String) throws {}
  func single<T: Encodable>(_ value: T) throws { bytes += try HeapSize.of(value) }
  func singleNil() throws {}
  func refuse(_ what: String) {}
}

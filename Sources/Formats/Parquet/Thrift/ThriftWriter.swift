import Basics

/// Writes the subset of Thrift's compact protocol that Parquet needs: the counterpart of ``ThriftReader``.
package struct ThriftWriter {
  private var writer = ByteWriter()
  private var lastId: Int16 = 0

  package init() {}

  package var bytes: [UInt8] { writer.bytes }

  private mutating func header(_ id: Int16, _ type: ThriftType) {
    let delta = id - lastId
    if delta > 0, delta <= 15 {
      writer.integer(UInt8(delta) << 4 | type.rawValue)
    } else {
      writer.integer(type.rawValue)
      writer.signed(Int64(id))
    }
    lastId = id
  }

  package mutating func bool(_ id: Int16, _ value: Bool) { header(id, value ? .boolTrue : .boolFalse) }

  package mutating func byte(_ id: Int16, _ value: UInt8) {
    header(id, .byte)
    writer.integer(value)
  }

  package mutating func int16(_ id: Int16, _ value: Int16) {
    header(id, .i16)
    writer.signed(Int64(value))
  }

  package mutating func int32(_ id: Int16, _ value: Int32) {
    header(id, .i32)
    writer.signed(Int64(value))
  }

  package mutating func int64(_ id: Int16, _ value: Int64) {
    header(id, .i64)
    writer.signed(value)
  }

  package mutating func string(_ id: Int16, _ value: String) {
    header(id, .binary)
    writer.string(value)
  }

  package mutating func binary(_ id: Int16, _ value: [UInt8]) {
    header(id, .binary)
    writer.blob(value)
  }

  /// Writes a struct as field `id`, or as the outermost struct if `id` is nil.
  package mutating func structure(_ id: Int16? = nil, _ body: (inout ThriftWriter) -> Void) {
    if let id { header(id, .structure) }
    let outer = lastId
    lastId = 0
    body(&self)
    writer.integer(UInt8(0))
    lastId = outer
  }

  private mutating func list(_ id: Int16, _ type: ThriftType, _ count: Int) {
    header(id, .list)
    if count < 15 {
      writer.integer(UInt8(count) << 4 | type.rawValue)
    } else {
      writer.integer(0xf0 | type.rawValue)
      writer.count(count)
    }
  }

  package mutating func structures<C: Collection>(
    _ id: Int16, _ elements: C, _ body: (inout ThriftWriter, C.Element) -> Void
  ) {
    list(id, .structure, elements.count)
    for element in elements { structure { body(&$0, element) } }
  }

  package mutating func int32s(_ id: Int16, _ values: [Int32]) {
    list(id, .i32, values.count)
    for value in values { writer.signed(Int64(value)) }
  }

  package mutating func strings(_ id: Int16, _ values: [String]) {
    list(id, .binary, values.count)
    for value in values { writer.string(value) }
  }
}

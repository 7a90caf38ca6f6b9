import Columns

/// The top-level columns of a schema: those that can be read, and why the others cannot.
struct ParquetSchema {
  private(set) var columns: [ParquetColumn] = []
  private(set) var unsupported: [(name: String, reason: String)] = []
  /// Number of column chunks in every row group.
  private(set) var chunks = 0

  /// - Parameter elements: The schema as stored in the footer: a tree in depth-first order.
  init(_ elements: [ParquetSchemaElement]) throws {
    guard let root = elements.first, let children = root.children, children >= 0 else {
      throw ParquetFault.corrupt("the schema has no root")
    }
    var next = 1
    for _ in 0..<children {
      guard next < elements.count else { throw ParquetFault.corrupt("the schema ends in the middle") }
      let first = next
      let firstChunk = chunks
      try skipTree(elements, &next)
      do {
        var builder = ParquetColumnBuilder(elements[first..<next], firstChunk: firstChunk)
        columns.append(try builder.column())
      } catch ParquetFault.unsupported(let reason) {
        let type = ParquetSchema.typeName(elements[first..<next])
        unsupported.append((elements[first].name, "its type, \(type), is not supported: \(reason)"))
      }
    }
    guard next == elements.count else {
      throw ParquetFault.corrupt("the schema has elements outside its tree")
    }
  }

  /// Advances `next` past an element and all its descendants, counting chunks. Iterative, because the file determines the
  /// depth.
  private mutating func skipTree(_ elements: [ParquetSchemaElement], _ next: inout Int) throws {
    var pending = 1
    while pending > 0 {
      guard next < elements.count else { throw ParquetFault.corrupt("the schema ends in the middle") }
      let below = Int(elements[next].children ?? 0)
      guard below >= 0, below <= elements.count else {
        throw ParquetFault.corrupt("column '\(elements[next].name)' has \(below) children")
      }
      // A group has children and no type; only a leaf column has a chunk.
      if elements[next].type != nil {
        guard below == 0 else {
          throw ParquetFault.corrupt("column '\(elements[next].name)' has a type and children")
        }
        chunks += 1
      }
      pending += below - 1
      next += 1
    }
  }
}

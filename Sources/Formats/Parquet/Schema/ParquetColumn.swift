import Columns

/// A column of a file: a tree of lists and structs with the stored values as its leaves.
struct ParquetColumn {
  let field: ColumnField
  let root: ParquetNode
  /// In the order of the file.
  let leaves: [ParquetLeaf]

  /// The only leaf of a column that is neither a list nor a struct.
  var flat: ParquetLeaf? { if case .leaf = root { leaves[0] } else { nil } }
}

/// Stored values: one chunk in every row group.
struct ParquetLeaf {
  /// The names from the column to the leaf, joined with dots.
  let path: String
  /// Index of its chunk in every row group.
  let index: Int
  let physical: ParquetPhysicalType
  /// Length in bytes of a FIXED_LEN_BYTE_ARRAY value.
  let typeLength: Int
  let conversion: ParquetConversion
  /// The definition level of a value that is present.
  let maxDefinition: Int
  /// For each list around the leaf, from the outside: the definition level from which it has an element.
  let elementLevels: [Int]

  var maxRepetition: Int { elementLevels.count }
  var storage: ColumnType.Storage { conversion.columnType.storage }
}

/// A value of a column, or a value within a value. `definition` is the level from which it is not null; a value that is never
/// null has the level of what contains it.
indirect enum ParquetNode {
  case leaf(Int, definition: Int)
  /// - elementLevel: The definition level from which there is an element.
  /// - repetition: The repetition level of elements after the first.
  case list(ParquetNode, definition: Int, elementLevel: Int, repetition: Int)
  case structure([ParquetNode], definition: Int)

  var definition: Int {
    switch self {
    case .leaf(_, let definition), .list(_, let definition, _, _), .structure(_, let definition): definition
    }
  }

  /// The indexes of the leaves below.
  var leaves: Range<Int> {
    switch self {
    case .leaf(let index, _): return index..<index + 1
    case .list(let element, _, _, _): return element.leaves
    case .structure(let nodes, _):
      guard let first = nodes.first, let last = nodes.last else { return 0..<0 }
      return first.leaves.lowerBound..<last.leaves.upperBound
    }
  }
}

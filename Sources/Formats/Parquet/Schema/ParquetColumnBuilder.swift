import Columns

/// Builds one top-level column from its part of the schema. The caller has checked that the elements are exactly one tree.
struct ParquetColumnBuilder {
  /// Deeper columns are refused: reading them recurses.
  private static let deepest = 32

  private let elements: ArraySlice<ParquetSchemaElement>
  private var next: Int
  private let firstChunk: Int
  private var leaves: [ParquetLeaf] = []

  init(_ elements: ArraySlice<ParquetSchemaElement>, firstChunk: Int) {
    self.elements = elements
    self.firstChunk = firstChunk
    next = elements.startIndex
  }

  /// The lists and optional groups around an element.
  private struct Context {
    var path: [String] = []
    var definition = 0
    var elementLevels: [Int] = []
  }

  private typealias Built = (node: ParquetNode, field: ColumnField)

  mutating func column() throws -> ParquetColumn {
    let built = try element(Context())
    return ParquetColumn(field: built.field, root: built.node, leaves: leaves)
  }

  private mutating func element(_ context: Context) throws -> Built {
    let element = elements[next]
    guard let repetition = element.repetition else {
      throw ParquetFault.corrupt("column '\(element.name)' is neither required nor optional")
    }
    guard context.path.count < Self.deepest else {
      throw ParquetFault.unsupported("it has over \(Self.deepest) levels")
    }
    guard repetition == .repeated else {
      return try value(context, isNullable: repetition == .optional)
    }
    // A repeated element without the annotation LIST, as protocol buffers have it: a list of values that are never null.
    var inner = context
    inner.definition += 1
    inner.elementLevels.append(inner.definition)
    let item = try value(inner, isNullable: false)
    return (
      .list(
        item.node, definition: context.definition, elementLevel: inner.definition,
        repetition: inner.elementLevels.count), ColumnField(element.name, .list(item.field.type))
    )
  }

  /// Builds the element at `next` as if it were not repeated.
  private mutating func value(_ context: Context, isNullable: Bool) throws -> Built {
    let element = elements[next]
    next += 1
    var context = context
    context.path.append(element.name)
    if isNullable { context.definition += 1 }
    if element.type != nil { return try leaf(element, context, isNullable) }
    let children = Int(element.children ?? 0)
    guard children > 0 else { throw ParquetFault.unsupported("it has a struct without fields") }
    if children == 1, elements[next].repetition == .repeated {
      switch (element.logical, element.converted) {
      case (.list, _), (nil, .list): return try list(element, context, isNullable)
      case (.map, _), (nil, .map), (nil, .mapKeyValue): return try map(element, context, isNullable)
      default: break
      }
    }
    var nodes: [ParquetNode] = []
    var fields: [ColumnField] = []
    for _ in 0..<children {
      let child = try self.element(context)
      nodes.append(child.node)
      fields.append(child.field)
    }
    return (
      .structure(nodes, definition: context.definition),
      ColumnField(element.name, .structure(fields), nullable: isNullable)
    )
  }

  /// A group with the annotation LIST, whose only child is repeated. Whether the child is the element itself, or only holds
  /// it, follows the rules in LogicalTypes.md, "Backward-compatibility rules".
  private mutating func list(_ list: ParquetSchemaElement, _ context: Context, _ isNullable: Bool) throws
    -> Built
  {
    let repeated = elements[next]
    var inner = context
    inner.definition += 1
    inner.elementLevels.append(inner.definition)
    let isElement =
      repeated.type != nil || repeated.children != 1 || elements[next + 1].repetition == .repeated
      || repeated.name == "array" || repeated.name == list.name + "_tuple"
    let item: Built
    if isElement {
      item = try value(inner, isNullable: false)
    } else {
      next += 1
      inner.path.append(repeated.name)
      item = try element(inner)
    }
    return (
      .list(
        item.node, definition: context.definition, elementLevel: inner.definition,
        repetition: inner.elementLevels.count),
      ColumnField(list.name, .list(item.field.type), nullable: isNullable)
    )
  }

  /// A map is a list of structs of key and value.
  private mutating func map(_ map: ParquetSchemaElement, _ context: Context, _ isNullable: Bool) throws
    -> Built
  {
    guard elements[next].type == nil, (1...2).contains(elements[next].children ?? 0) else {
      throw ParquetFault.unsupported("it has a map without keys")
    }
    var inner = context
    inner.definition += 1
    inner.elementLevels.append(inner.definition)
    let entry = try value(inner, isNullable: false)
    guard case .structure(var fields) = entry.field.type else {
      throw ParquetFault.unsupported("it has a map without keys")
    }
    for (index, name) in zip(fields.indices, ["key", "value"]) { fields[index].name = name }
    return (
      .list(
        entry.node, definition: context.definition, elementLevel: inner.definition,
        repetition: inner.elementLevels.count),
      ColumnField(map.name, .list(.structure(fields)), nullable: isNullable)
    )
  }

  private mutating func leaf(_ element: ParquetSchemaElement, _ context: Context, _ isNullable: Bool) throws
    -> Built
  {
    guard let physical = ParquetPhysicalType(rawValue: element.type ?? -1) else {
      throw ParquetFault.corrupt("column '\(element.name)' has an unknown type")
    }
    let length = Int(element.typeLength ?? 0)
    if physical == .fixedLenByteArray, length <= 0 {
      throw ParquetFault.corrupt("column '\(element.name)' has values of \(length) bytes")
    }
    let conversion = try ParquetConversion(element, physical)
    leaves.append(
      ParquetLeaf(
        path: context.path.joined(separator: "."), index: firstChunk + leaves.count, physical: physical,
        typeLength: length, conversion: conversion, maxDefinition: context.definition,
        elementLevels: context.elementLevels))
    return (
      .leaf(leaves.count - 1, definition: context.definition),
      ColumnField(element.name, conversion.columnType, nullable: isNullable)
    )
  }
}

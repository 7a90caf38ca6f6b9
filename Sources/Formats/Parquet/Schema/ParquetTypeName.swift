extension ParquetSchema {
  /// The type of the column described by these elements, in SQL notation: `struct<kind: string>`, `list<int64>`, `map<string,
  /// double>`. Used in errors, so it is truncated if it is long or deeply nested.
  static func typeName(_ elements: ArraySlice<ParquetSchemaElement>) -> String {
    var next = elements.startIndex
    let name = typeName(elements, &next, depth: 0)
    return name.count > 200 ? name.prefix(200) + "…" : name
  }

  private static func typeName(
    _ elements: ArraySlice<ParquetSchemaElement>, _ next: inout Int, depth: Int
  ) -> String {
    guard next < elements.endIndex, depth < 16 else { return "…" }
    let element = elements[next]
    next += 1
    guard element.type == nil else { return scalarName(element) }
    var inner: [(name: String, type: String)] = []
    for _ in 0..<max(0, element.children ?? 0) where next < elements.endIndex {
      let name = elements[next].name
      inner.append((name, typeName(elements, &next, depth: depth + 1)))
    }
    let isRepeated = element.repetition == .repeated
    switch (element.logical, element.converted) {
    case (.list, _), (nil, .list): return "list<\(inner.first?.type ?? "")>"
    case (.map, _), (nil, .map): return "map<\(inner.first?.type ?? "")>"
    // The group between a list or map and its contents.
    case _ where isRepeated && inner.count == 1: return inner[0].type
    case _ where isRepeated && depth > 0: return inner.map(\.type).joined(separator: ", ")
    default: return "struct<\(inner.map { "\($0.name): \($0.type)" }.joined(separator: ", "))>"
    }
  }

  private static func scalarName(_ element: ParquetSchemaElement) -> String {
    guard let physical = ParquetPhysicalType(rawValue: element.type ?? -1),
      let conversion = try? ParquetConversion(element, physical)
    else { return "an unknown type" }
    return conversion.columnType.name
  }
}

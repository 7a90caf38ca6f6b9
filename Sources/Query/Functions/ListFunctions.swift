import Columns

/// Functions of lists and structs. Elements are counted from 1.
enum ListFunctions {
  static let group = FunctionGroup("Lists and structs", making + access + searching + changing)

  private static let element: @Sendable ([ColumnType]) -> ColumnType? = { types in
    if case .list(let element) = types[0] { element } else { nil }
  }

  private static func items(_ value: ScalarValue) -> [ScalarValue] {
    if case .list(let items) = value { items } else { [] }
  }

  private static func elementType(_ type: ColumnType) -> ColumnType {
    if case .list(let element) = type { element } else { type }
  }

  // MARK: Making

  private static let making: [Function] = [
    Function(
      "list_value",
      [
        Overload([], result: { _ in .list(.string) }) { arguments in
          Column(.zeros(.list(.string), count: arguments.rows))
        },
        Overload([.same], variadic: true, nulls: .custom, result: { .list($0[0]) }) { arguments in
          let columns = arguments.vectors.map { $0.expanded(arguments.rows) }
          let all = Column.concatenate(columns, arguments.vectors[0].type)
          let order = (0..<arguments.rows).flatMap { row in
            columns.indices.map { UInt32($0 * arguments.rows + row) }
          }
          return Column(
            .list(
              ListColumn(
                offsets: (0...arguments.rows).map { $0 * columns.count }, elements: all.gather(order))))
        },
      ], help: "ARRAY[…]: a list of values.", example: "list_value(1, 2) = ARRAY[1, 2]"),
    Function(
      "row",
      [
        Overload(
          [.any], variadic: true, nulls: .custom,
          result: { types in
            .structure(
              types.enumerated().map { ColumnField("f\($0.offset + 1)", $0.element, nullable: true) })
          }
        ) { arguments in
          Column(.structure(arguments.vectors.map { $0.expanded(arguments.rows) }, rows: arguments.rows))
        }
      ], help: "ROW(…): a struct with the fields f1, f2 and so on.", example: "row(1, 'a')::text = '(1,a)'"),
  ]

  // MARK: Access

  private static let length = Overload([.list], result: { _ in .int32 }) { arguments in
    guard case .list(let lists) = arguments.vectors[0].expanded(arguments.rows).values else {
      throw arguments.storageError(0)
    }
    return Column(.int32(try arguments.fill { Int32(lists.offsets[$0 + 1] - lists.offsets[$0]) }))
  }

  private static let access: [Function] = [
    Function(
      "[]",
      [
        Overload([.list, .exactly(.int64)], result: element) { arguments in
          guard case .list(let lists) = arguments.vectors[0].column.values else {
            throw arguments.storageError(0)
          }
          let mask = arguments.vectors[0].isConstant ? 0 : -1
          let indexes: (Int) -> Int64 = try arguments.reader(1)
          let missing = UInt32(lists.elements.count)
          let rows = (0..<arguments.rows).map { row -> UInt32 in
            if arguments.isNull(row) { return missing }
            let start = lists.offsets[row & mask]
            let count = lists.offsets[(row & mask) + 1] - start
            let index = indexes(row)
            return index >= 1 && index <= count ? UInt32(start + Int(index) - 1) : missing
          }
          return Column.concatenate([lists.elements, .nulls(arguments.type, count: 1)], arguments.type)
            .gather(rows)
        }
      ], help: "Element n; null if there is none.", example: "(ARRAY[1, 2])[2] = 2"),
    Function(
      "list_slice",
      [
        .scalars([.list, .exactly(.int64), .exactly(.int64)], result: { $0[0] }) { arguments, row in
          let items = items(arguments.scalar(0, row))
          guard case .int(let low) = arguments.scalar(1, row), case .int(let high) = arguments.scalar(2, row)
          else {
            return .null
          }
          let first = max(1, Int(clamping: low))
          let last = min(items.count, Int(clamping: high))
          return .list(first <= last ? Array(items[(first - 1)..<last]) : [])
        }
      ], help: "Elements n to m.", example: "list_slice(ARRAY[1, 2, 3], 2, 3) = ARRAY[2, 3]"),
    Function(
      "array_length",
      [
        length,
        Overload([.list, .exactly(.int32)], result: { _ in .int32 }) { arguments in
          let dimensions: (Int) -> Int32 = try arguments.reader(1)
          return try arguments.scalars { row in
            var value = arguments.scalar(0, row)
            for _ in 1..<max(1, dimensions(row)) {
              guard let first = items(value).first else { return .null }
              value = first
            }
            // PostgreSQL has no length for what has no elements.
            guard dimensions(row) >= 1, case .list(let items) = value, !items.isEmpty else { return .null }
            return .int(Int64(items.count))
          }
        },
      ], help: "The number of elements, 0 for an empty list; with a dimension, null for an empty list.",
      example: "array_length(ARRAY[1, 2, 3]) = 3"),
    Function(
      "cardinality", [length], help: "The number of elements.", example: "cardinality(ARRAY[1, 2]) = 2"),
    Function("len", [length], help: "The same as `cardinality`.", example: "len(ARRAY[1, 2]) = 2"),
  ]

  // MARK: Searching

  private static let searching: [Function] = {
    let contains = Function(
      "list_contains",
      [
        Overload([.list, .element], result: { _ in .bool }) { arguments in
          Column(
            .bool(
              try arguments.fill { row in
                let wanted = arguments.scalar(1, row)
                return items(arguments.scalar(0, row)).contains { ScalarValue.compare($0, wanted) == 0 }
              }))
        }
      ], help: "Whether a list has an element that equals a value.",
      example: "list_contains(ARRAY[1, 2], 2) = true")
    let position = Function(
      "array_position",
      [
        .scalars([.list, .element], result: { _ in .int32 }) { arguments, row in
          let wanted = arguments.scalar(1, row)
          let index = items(arguments.scalar(0, row)).firstIndex { ScalarValue.compare($0, wanted) == 0 }
          return index.map { .int(Int64($0 + 1)) } ?? .null
        }
      ], help: "The position of the first element that equals a value; null if there is none.",
      example: "array_position(ARRAY['a', 'b'], 'b') = 2")
    return [
      contains, contains.named("array_contains"), contains.named("list_has"), position,
      position.named("list_position"),
      Function(
        "@>", [both { a, b in b.allSatisfy { value in a.contains { ScalarValue.compare($0, value) == 0 } } }],
        help: "Whether the first list has all elements of the second.",
        example: "ARRAY[1, 2, 3] @> ARRAY[3, 1]"),
      Function(
        "&&", [both { a, b in b.contains { value in a.contains { ScalarValue.compare($0, value) == 0 } } }],
        help: "Whether two lists have an element in common."),
    ]
  }()

  private static func both(_ body: @escaping @Sendable ([ScalarValue], [ScalarValue]) -> Bool) -> Overload {
    Overload([.same, .same], result: { if case .list = $0[0] { .bool } else { nil } }) { arguments in
      Column(
        .bool(
          try arguments.fill { row in body(items(arguments.scalar(0, row)), items(arguments.scalar(1, row))) }
        ))
    }
  }

  // MARK: New lists

  /// A list or nothing, which counts as an empty list.
  private static func joined(
    _ parameters: [Overload.Parameter], list: Int,
    _ body: @escaping @Sendable (Arguments, Int) -> [ScalarValue]
  ) -> Overload {
    .scalars(parameters, nulls: .custom, result: { $0[list] }) { .list(body($0, $1)) }
  }

  private static let appended = joined([.list, .element], list: 0) {
    items($0.scalar(0, $1)) + [$0.scalar(1, $1)]
  }
  private static let prepended = joined([.element, .list], list: 1) {
    [$0.scalar(0, $1)] + items($0.scalar(1, $1))
  }
  private static let combined = Overload.scalars(
    [.same, .same], nulls: .custom, result: { if case .list = $0[0] { $0[0] } else { nil } }
  ) { arguments, row in
    let (a, b) = (arguments.scalar(0, row), arguments.scalar(1, row))
    return a.isNull && b.isNull ? .null : .list(items(a) + items(b))
  }

  /// The overloads of `||`.
  static let concatenations = [combined, appended, prepended]

  private static func changed(_ body: @escaping @Sendable ([ScalarValue]) -> [ScalarValue]) -> Overload {
    .scalars([.list], result: { $0[0] }) { arguments, row in .list(body(items(arguments.scalar(0, row)))) }
  }

  private static let changing: [Function] = {
    let append = Function(
      "array_append", [appended], help: "A list with one more element at the end.",
      example: "array_append(ARRAY[1, 2], 3) = ARRAY[1, 2, 3]")
    let cat = Function(
      "array_cat", [combined], help: "Two lists in one.",
      example: "array_cat(ARRAY[1], ARRAY[2]) = ARRAY[1, 2]")
    return [
      append, append.named("list_append"),
      Function(
        "array_prepend", [prepended], help: "A list with one more element at the start.",
        example: "array_prepend(1, ARRAY[2, 3]) = ARRAY[1, 2, 3]"),
      cat, cat.named("list_concat"),
      Function(
        "array_remove",
        [
          .scalars([.list, .element], nulls: .custom, result: { $0[0] }) { arguments, row in
            guard case .list(let items) = arguments.scalar(0, row) else { return .null }
            let wanted = arguments.scalar(1, row)
            return .list(items.filter { ScalarValue.compare($0, wanted) != 0 })
          }
        ], help: "A list without the elements that equal a value.",
        example: "array_remove(ARRAY[1, 2, 1], 1) = ARRAY[2]"),
      Function(
        "list_distinct",
        [
          changed { items in
            let sorted = items.filter { !$0.isNull }.sorted { ScalarValue.compare($0, $1) < 0 }
            return sorted.indices.filter { $0 == 0 || ScalarValue.compare(sorted[$0 - 1], sorted[$0]) != 0 }
              .map { sorted[$0] }
          }
        ], help: "The different elements in order, without null.",
        example: "list_distinct(ARRAY[2, 1, 2]) = ARRAY[1, 2]"),
      Function(
        "list_sort", [changed { $0.sorted { ScalarValue.compare($0, $1) < 0 } }],
        help: "The elements in order, nulls last.",
        example: "list_sort(ARRAY[2, 1]) = ARRAY[1, 2]"),
      Function(
        "list_reverse", [changed { $0.reversed() }], help: "The elements in reverse order.",
        example: "list_reverse(ARRAY[1, 2]) = ARRAY[2, 1]"),
      Function(
        "array_to_string",
        [text(withNull: false), text(withNull: true)],
        help:
          "The elements as text with a separator between them; nulls do not count, or are the third text.",
        example: "array_to_string(ARRAY[1, NULL, 3], ',', '*') = '1,*,3'"),
    ]
  }()

  private static func text(withNull: Bool) -> Overload {
    let string = Overload.Parameter.exactly(.string)
    return Overload([.list, string] + (withNull ? [string] : []), result: { _ in .string }) { arguments in
      let text = ValueText(try arguments.clock())
      let element = elementType(arguments.vectors[0].type)
      return try arguments.strings { row, bytes in
        guard case .bytes(let separator) = arguments.scalar(1, row) else { return }
        var isFirst = true
        for item in items(arguments.scalar(0, row)) {
          if item.isNull, !withNull { continue }
          if !isFirst { bytes += separator }
          isFirst = false
          if item.isNull, case .bytes(let null) = arguments.scalar(2, row) {
            bytes += null
          } else {
            text.append(item, element, to: &bytes)
          }
        }
      }
    }
  }
}

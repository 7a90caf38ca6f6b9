import Basics
import Columns
import Query
import Testing

@Suite struct EvaluatorTests {
  static let fields = [
    ColumnField("x", .int32, nullable: true), ColumnField("s", .string, nullable: true),
    ColumnField("b", .bool, nullable: true), ColumnField("l", .list(.int32), nullable: true),
  ]
  static let x = Expr.column(0, .int32)
  static let s = Expr.column(1, .string)
  static let b = Expr.column(2, .bool)
  static let columns: [String: Expr] = ["x": x, "s": s, "b": b, "l": .column(3, .list(.int32))]

  /// x: 0, 1, null, 4; s (dictionary): a, 12, null, a; b: true, false, null, true; l: {1,2}, {}, null, {4,null}.
  static let batch: ColumnBatch = {
    let texts = DictionaryColumn(indices: [0, 1, 0, 0], entries: StringColumn(["a", "12", "unused"]))
    let list = ListColumn(
      offsets: [0, 2, 2, 2, 4], elements: Column(.int32([1, 2, 4, 0]), validity: [true, true, true, false]))
    return ColumnBatch(
      fields: fields,
      columns: [
        Column(.int32([0, 1, 0, 4]), validity: [true, true, false, true]),
        Column(.dictionary(texts), validity: [true, true, false, true]),
        Column(.bool([true, false, false, true]), validity: [true, true, false, true]),
        Column(.list(list), validity: [true, true, false, true]),
      ], rows: 4)
  }()

  static func expr(_ text: String) throws -> Expr { try ExampleParser.parse(text, columns: columns) }

  static func values(_ expr: Expr, _ batch: ColumnBatch = batch) throws -> [String] {
    // As workers get it.
    let expr = try Expr(decoding: expr.encoded)
    let column = try Evaluator(expr, session: ExampleParser.session).column(batch)
    let text = try ValueText(timeZone: "UTC")
    return (0..<batch.rows).map { row in
      let value = column.scalar(row, expr.type)
      return value.isNull ? "NULL" : text.text(value, expr.type)
    }
  }

  @Test(arguments: [
    ("x + 1", ["1", "2", "NULL", "5"]), ("s || '!'", ["a!", "12!", "NULL", "a!"]),
    ("s = 'a'", ["true", "false", "NULL", "true"]),
    ("s ~~ '%2'", ["false", "true", "NULL", "false"]), ("coalesce(x, -1)", ["0", "1", "-1", "4"]),
    ("1 + 2", ["3", "3", "3", "3"]),
    ("x::text || s", ["0a", "112", "NULL", "4a"]), ("greatest(x, 2)", ["2", "2", "2", "4"]),
    ("l[2]", ["2", "NULL", "NULL", "NULL"]),
    ("concat(x, s)", ["0a", "112", "", "4a"]), ("cardinality(l)", ["2", "0", "NULL", "2"]),
    ("x = NULL", ["NULL", "NULL", "NULL", "NULL"]),
    ("l || x", ["{1,2,0}", "{1}", "{NULL}", "{4,NULL,4}"]),
    ("row(x, s)", ["(0,a)", "(1,12)", "(,)", "(4,a)"]),
    (
      "to_json(row(x, l))",
      [#"{"f1":0,"f2":[1,2]}"#, #"{"f1":1,"f2":[]}"#, #"{"f1":null,"f2":null}"#, #"{"f1":4,"f2":[4,null]}"#]
    ),
  ])
  func rows(text: String, expected: [String]) throws { #expect(try Self.values(Self.expr(text)) == expected) }

  @Test func laterOperandsSeeOnlyRowsThatNeedThem() throws {
    let isZero = try Self.expr("x = 0")
    let quotient = try Self.expr("10 / x")
    let guarded = Expr.conditional(
      Conditional([.init(.not(isZero), quotient)], otherwise: .literal(.null, .int32), .int32))
    #expect(try Self.values(guarded) == ["NULL", "10", "NULL", "2"])
    #expect(
      try Self.values(.and([.not(isZero), try Self.expr("10 / x > 5")])) == [
        "false", "true", "NULL", "false",
      ])
    #expect(
      try Self.values(.or([isZero, try Self.expr("10 / x > 5")])) == ["true", "true", "NULL", "false"])
    let evaluator = try Evaluator(
      .and([.not(isZero), try Self.expr("10 / x > 5")]), session: ExampleParser.session)
    #expect(try evaluator.filter(Self.batch) == [1])
    let error = #expect(throws: QueryError.self) {
      try Self.values(.and([Self.b, try Self.expr("4 / (x - 4) > 0")]))
    }
    #expect(error?.row == 3)
  }

  @Test func threeValuedLogic() throws {
    for isAnd in [true, false] {
      for a in [true, false, nil] as [Bool?] {
        for b in [true, false, nil] as [Bool?] {
          let operands = [a, b].map { Expr.literal($0.map { .bool($0) } ?? .null, .bool) }
          // Through columns as well as through constants.
          let batch = ColumnBatch(
            fields: [Self.fields[2], Self.fields[2]],
            columns: [a, b].map { Column(.bool([$0 ?? false]), validity: [$0 != nil]) }, rows: 1)
          let columns = [Expr.column(0, .bool), Expr.column(1, .bool)]
          let expected: Bool? =
            [a, b].contains(!isAnd) ? !isAnd : [a, b].contains(nil) ? nil : isAnd
          let text = expected.map { "\($0)" } ?? "NULL"
          #expect(try Self.values(isAnd ? .and(operands) : .or(operands), batch) == [text])
          #expect(try Self.values(isAnd ? .and(columns) : .or(columns), batch) == [text])
        }
      }
    }
  }

  /// An entry that no row uses may not fit; a row that uses one is named.
  @Test func dictionaries() throws {
    let error = #expect(throws: QueryError.self) { try Self.values(try Self.expr("s::integer")) }
    #expect(error?.row == 0)
    let cast = Expr.cast(Cast(Self.s, .int32, isTry: true))
    #expect(try Self.values(cast) == ["NULL", "12", "NULL", "NULL"])
    #expect(
      try Self.values(.isIn(Self.s, ValueList([.string("a")], hasNull: true))) == [
        "true", "NULL", "NULL", "true",
      ])
    #expect(
      try Self.values(.isIn(Self.x, ValueList([.int(4), .int(9)], hasNull: false))) == [
        "false", "false", "NULL", "true",
      ])
  }

  @Test func queriesOverLists() throws {
    func query(_ result: ListQuery.Result, _ type: ColumnType, filter: Expr?, value: Expr) throws -> [String]
    {
      let list = Expr.column(3, .list(.int32))
      return try Self.values(
        .listQuery(ListQuery(list: list, filter: filter, value: value, result: result, type: type)))
    }
    let element = Expr.column(4, .int32)
    let isLarge = Expr.call(FunctionCall(">", [element, Self.x], .bool))
    #expect(try query(.count, .int64, filter: isLarge, value: element) == ["2", "0", "0", "0"])
    #expect(try query(.first, .int32, filter: nil, value: element) == ["1", "NULL", "NULL", "4"])
    #expect(
      try query(.exists, .bool, filter: .isNull(element), value: element) == [
        "false", "false", "false", "true",
      ])
    #expect(try query(.aggregate("sum"), .int64, filter: nil, value: element) == ["3", "NULL", "NULL", "4"])
    #expect(
      try query(.single, .int64, filter: .isNull(element), value: .column(5, .int64)) == [
        "NULL", "NULL", "NULL", "2",
      ])
    let error = #expect(throws: QueryError.self) { try query(.single, .int32, filter: nil, value: element) }
    #expect(error?.row == 0)
  }

  @Test func longLists() throws {
    let rows = 1000
    let batch = ColumnBatch(
      fields: [Self.fields[0]], columns: [Column(.int32((0..<Int32(rows)).map { $0 }))], rows: rows)
    let wanted = stride(from: 0, to: 2000, by: 7).map { ScalarValue.int($0) }
    let evaluator = try Evaluator(
      .isIn(Self.x, ValueList(wanted, hasNull: false)), session: ExampleParser.session)
    #expect(try evaluator.filter(batch) == stride(from: 0, to: 1000, by: 7).map { UInt32($0) })
  }

  @Test func hostileBytesAreRefused() throws {
    let bytes = try Self.expr("coalesce(x, 1) + 2").encoded
    for count in 0..<bytes.count {
      #expect(throws: WireError.self) { try Expr(decoding: Array(bytes[..<count])) }
    }
    let deep = [UInt8](repeating: 6, count: 100_000)
    #expect(throws: WireError.self) { try Expr(decoding: deep) }
    let wrong = Expr.call(FunctionCall("lower", [Self.x], .string))
    #expect(throws: QueryError.self) { try Evaluator(wrong, session: ExampleParser.session) }
  }
}

import Basics
import Columns

/// Functions of JSON. A missing key is null, and so is a part of text that is not JSON.
enum JSONFunctions {
  static let group = FunctionGroup("JSON", access + reading + making)

  private static let json = Overload.Parameter.exactly(.json)
  private static let text = Overload.Parameter.exactly(.string)

  // MARK: Access

  /// - Parameter path: The steps of a row.
  private static func value(
    _ arguments: Arguments, asText: Bool, _ path: (Int) -> [JSONPath.Step]?
  ) throws -> Column {
    let isConstant = arguments.vectors.dropFirst().allSatisfy(\.isConstant)
    let constant = isConstant ? path(0) : nil
    return try arguments.withStrings(0) { documents in
      try arguments.stringsOrNulls { row, bytes in
        guard let steps = isConstant ? constant : path(row), let found = JSONPath.find(documents[row], steps)
        else {
          return false
        }
        if asText { return JSONPath.appendText(found, to: &bytes) }
        bytes += ValueParser.trimmed(found)
        return true
      }
    }
  }

  private static func member(_ asText: Bool) -> [Overload] {
    let result: ColumnType = asText ? .string : .json
    return [
      Overload([json, text], result: { _ in result }) { arguments in
        try value(arguments, asText: asText) { row in
          guard case .bytes(let key) = arguments.scalar(1, row) else { return nil }
          return [.key(String(decoding: key, as: UTF8.self))]
        }
      },
      Overload([json, .exactly(.int64)], result: { _ in result }) { arguments in
        try value(arguments, asText: asText) { row in
          guard case .int(let index) = arguments.scalar(1, row) else { return nil }
          return [.index(Int(index))]
        }
      },
    ]
  }

  private static func deep(_ asText: Bool) -> Overload {
    Overload([json, .exactly(.list(.string))], result: { _ in asText ? .string : .json }) { arguments in
      try value(arguments, asText: asText) { row in
        guard case .list(let items) = arguments.scalar(1, row) else { return nil }
        return steps(items)
      }
    }
  }

  private static func variadic(_ asText: Bool) -> Overload {
    Overload([json, text], variadic: true, result: { _ in asText ? .string : .json }) { arguments in
      try value(arguments, asText: asText) { row in
        steps((1..<arguments.vectors.count).map { arguments.scalar($0, row) })
      }
    }
  }

  /// nil if one is null.
  private static func steps(_ items: [ScalarValue]) -> [JSONPath.Step]? {
    var steps: [JSONPath.Step] = []
    for item in items {
      guard case .bytes(let text) = item else { return nil }
      steps.append(.either(String(decoding: text, as: UTF8.self)))
    }
    return steps
  }

  private static let access: [Function] = [
    Function(
      "->", member(false),
      help: "The member of an object, or the item of an array (from 0; negative from the end), as JSON.",
      example: "('{\"a\": {\"b\": 1}}'::json -> 'a') ->> 'b' = '1'"),
    Function(
      "->>", member(true), help: "The same as text: a string without its quotes, JSON's null as null.",
      example: "'[1, \"x\"]'::json ->> 1 = 'x'"),
    Function("#>", [deep(false)], help: "The value at the end of a path of keys and numbers, as JSON."),
    Function(
      "#>>", [deep(true)], help: "The same as text.", example: "'{\"a\": [1, 2]}'::json #>> '{a,1}' = '2'"),
    Function(
      "json_extract_path", [variadic(false)], help: "The value at the end of a path, as JSON.",
      example: "json_extract_path('{\"a\": [1, 2]}', 'a', '1')::text = '2'"),
    Function(
      "json_extract_path_text", [variadic(true)], help: "The value at the end of a path, as text.",
      example: "json_extract_path_text('{\"a\": \"x\"}', 'a') = 'x'"),
  ]

  // MARK: Reading

  private static let reading: [Function] = {
    let length = Function(
      "json_array_length",
      [
        Overload([json], result: { _ in .int32 }, errors: "an error for JSON that is not an array") {
          arguments in
          try arguments.mapText { text in
            var scanner = JSONScanner(text)
            scanner.skipSpace()
            guard scanner.peek == UInt8(ascii: "[") else { throw QueryError("this JSON is not an array") }
            var count: Int32 = 0
            try items(text) { _ in count += 1 }
            return count
          }
        }
      ], help: "The number of items of an array.", example: "json_array_length('[1, [2, 3]]') = 2")
    let kind = Function(
      "json_typeof",
      [
        Overload([json], result: { _ in .string }) { arguments in
          try arguments.withStrings(0) { texts in
            try arguments.strings { row, bytes in
              switch ValueParser.trimmed(texts[row]).first {
              case UInt8(ascii: "{"): bytes += "object".utf8
              case UInt8(ascii: "["): bytes += "array".utf8
              case UInt8(ascii: "\""): bytes += "string".utf8
              case UInt8(ascii: "t"), UInt8(ascii: "f"): bytes += "boolean".utf8
              case UInt8(ascii: "n"): bytes += "null".utf8
              default: bytes += "number".utf8
              }
            }
          }
        }
      ], help: "object, array, string, number, boolean or null.", example: "json_typeof('[1]') = 'array'")
    let elements = Function(
      "json_array_elements", [list(.json, itemsOfArray)], help: "The items of an array, as a list of JSON.",
      example: "array_length(json_array_elements('[1, 2]')) = 2")
    return [
      length, length.named("jsonb_array_length"), kind, kind.named("jsonb_typeof"), elements,
      Function(
        "json_array_elements_text",
        [
          list(.string) { text in
            try itemsOfArray(text).map { item in
              guard case .bytes(let json) = item else { return .null }
              var bytes: [UInt8] = []
              return json.withUnsafeBytes { JSONPath.appendText($0, to: &bytes) } ? .bytes(bytes) : .null
            }
          }
        ], help: "The items of an array, as a list of text.",
        example: "json_array_elements_text('[1, \"a\"]') = ARRAY['1', 'a']"),
      Function(
        "json_object_keys",
        [
          list(.string) { text in
            var keys: [ScalarValue] = []
            var scanner = JSONScanner(text)
            scanner.skipSpace()
            do {
              try scanner.object { scanner, name in
                keys.append(.string(try scanner.decoded(name)))
                scanner.skipSpace()
                try scanner.skipValue()
              }
            } catch let fault as JSONFault {
              throw QueryError("these are not the members of an object: \(fault)")
            }
            return keys
          }
        ], help: "The keys of an object, as a list.",
        example: "json_object_keys('{\"b\": 1, \"a\": 2}') = ARRAY['b', 'a']"),
      Function(
        "json_valid", [.ofText(.bool) { ValueParser.isJSON($0) }], help: "Whether a text is JSON.",
        example: "json_valid('{') = false"),
    ]
  }()

  private static func list(
    _ element: ColumnType, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> [ScalarValue]
  ) -> Overload {
    Overload([json], result: { _ in .list(element) }, errors: "an error for other JSON") { arguments in
      try arguments.withStrings(0) { texts in try arguments.scalars { .list(try body(texts[$0])) } }
    }
  }

  private static func itemsOfArray(_ text: UnsafeRawBufferPointer) throws -> [ScalarValue] {
    var result: [ScalarValue] = []
    try items(text) { result.append(.bytes(Array($0))) }
    return result
  }

  private static func items(_ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) throws {
    var scanner = JSONScanner(text)
    scanner.skipSpace()
    do {
      try scanner.array { scanner in
        let start = scanner.position
        try scanner.skipValue()
        body(UnsafeRawBufferPointer(rebasing: text[start..<scanner.position]))
      }
    } catch let fault as JSONFault {
      throw QueryError("these are not the items of an array: \(fault)")
    }
  }

  // MARK: Making

  private static let making: [Function] = {
    let toJSON = Function(
      "to_json",
      [
        Overload([.any], result: { _ in .json }) { arguments in
          let printer = JSONPrinter(ValueText(try arguments.clock()))
          return try arguments.strings { row, bytes in
            printer.append(arguments.scalar(0, row), arguments.vectors[0].type, to: &bytes)
          }
        }
      ], help: "A value as JSON: structs as objects, lists as arrays, times in ISO 8601.",
      example: "to_json(ARRAY[1, 2])::text = '[1,2]'")
    return [
      toJSON, toJSON.named("to_jsonb"), toJSON.named("row_to_json"), toJSON.named("array_to_json"),
      Function(
        "json_build_object",
        [
          Overload([], result: { _ in .json }) { try $0.strings { $1 += "{}".utf8 } },
          Overload(
            [.any], variadic: true, nulls: .custom, result: { $0.count % 2 == 0 ? .json : nil },
            errors: "an error for a key that is null"
          ) { arguments in
            let text = ValueText(try arguments.clock())
            let printer = JSONPrinter(text)
            return try arguments.strings { row, bytes in
              bytes.append(UInt8(ascii: "{"))
              for index in stride(from: 0, to: arguments.vectors.count, by: 2) {
                let key = arguments.scalar(index, row)
                if key.isNull { throw QueryError("a key of a JSON object must not be null") }
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONText.append(text.text(key, arguments.vectors[index].type), to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                printer.append(
                  arguments.scalar(index + 1, row), arguments.vectors[index + 1].type, to: &bytes)
              }
              bytes.append(UInt8(ascii: "}"))
            }
          },
        ], help: "An object of keys and values in turn.",
        example: "json_build_object('a', 1)::text = '{\"a\":1}'"),
      Function(
        "json_build_array",
        [
          Overload([], result: { _ in .json }) { try $0.strings { $1 += "[]".utf8 } },
          Overload([.any], variadic: true, nulls: .custom, result: { _ in .json }) { arguments in
            let printer = JSONPrinter(ValueText(try arguments.clock()))
            return try arguments.strings { row, bytes in
              bytes.append(UInt8(ascii: "["))
              for index in arguments.vectors.indices {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                printer.append(arguments.scalar(index, row), arguments.vectors[index].type, to: &bytes)
              }
              bytes.append(UInt8(ascii: "]"))
            }
          },
        ], help: "An array of values.", example: "json_build_array(1, 'a')::text = '[1,\"a\"]'"),
    ]
  }()
}

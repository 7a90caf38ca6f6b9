import Testing

@testable import SQL

/// Wrong queries, each with its whole error: line, column, message, hint.
@Suite struct WrongQueryTests {
  @Test(arguments: [
    (
      "SELECT visitorid FROM sales",
      "line 1, column 8: no column \"visitorid\"; did you mean \"visitor_id\"?"
    ),
    (
      "SELECT userr_id FROM sales",
      "line 1, column 8: no column \"userr_id\""
    ),
    (
      "SELECT s.prise FROM sales s",
      "line 1, column 8: no column \"prise\" in \"s\"; did you mean \"price\"?"
    ),
    (
      "SELECT id FROM sales, users",
      "line 1, column 8: column \"id\" is ambiguous: it is in \"sales\" and \"users\""
    ),
    (
      "SELECT \"Price\" FROM sales",
      "line 1, column 8: no column \"Price\"; did you mean \"price\"?"
    ),
    (
      "SELECT kind FROM cases",
      "line 1, column 8: column kind is ambiguous: it may be \"Kind\" or \"KIND\"; put the one in quotes"
    ),
    (
      "SELECT name FROM sales LIMIT price",
      "line 1, column 30: no column \"price\""
    ),
    (
      "VALUES (1), (name)",
      "line 1, column 14: no column \"name\""
    ),
    (
      "SELECT device.categry FROM sales",
      "line 1, column 8: no field \"categry\" in \"device\"; did you mean \"category\"?"
    ),
    (
      "SELECT device.os FROM sales",
      "line 1, column 8: no field \"os\" in \"device\"; it has \"category\", \"model\""
    ),
    (
      "SELECT 1; SELECT nosuch",
      "line 1, column 18: no column \"nosuch\""
    ),
    (
      "SELECT * FROM sales s JOIN users u ON s.id = u.idd",
      "line 1, column 46: no column \"idd\" in \"u\"; did you mean \"id\"?"
    ),
    (
      "SELECT é, prïce FROM sales",
      "line 1, column 8: no column \"é\""
    ),
    (
      "SELECT id AS a, name AS a FROM sales ORDER BY a",
      "line 1, column 47: \"a\" is ambiguous: two output columns have the name"
    ),
  ])
  func names(sql: String, expected: String) {
    #expect(failure(sql) == expected)
  }

  @Test(arguments: [
    (
      "SELECT FROM WHERE",
      "line 1, column 13: syntax error at or near \"WHERE\""
    ),
    (
      "SELECT price + FROM sales",
      "line 1, column 16: syntax error at or near \"FROM\""
    ),
    (
      "SELECT 'abc",
      "line 1, column 8: unterminated quoted string at or near \"'abc\""
    ),
    (
      "SELECT (1",
      "line 1, column 10: syntax error at end of input"
    ),
    (
      "SELECT price OVER () FROM sales",
      "line 1, column 14: syntax error at or near \"OVER\""
    ),
    (
      "INSERT INTO sales VALUES (1)",
      "line 1, column 1: INSERT is not supported; a statement is SELECT, VALUES, EXPLAIN, DESCRIBE, SUMMARIZE or SHOW TABLES"
    ),
    (
      "CREATE TABLE x (a int)",
      "line 1, column 1: CREATE is not supported; a statement is SELECT, VALUES, EXPLAIN, DESCRIBE, SUMMARIZE or SHOW TABLES"
    ),
    (
      "EXPLAIN INSERT INTO sales VALUES (1)",
      "line 1, column 1: EXPLAIN takes a SELECT"
    ),
    (
      "EXPLAIN (VERBOSE) SELECT 1",
      "line 1, column 10: unknown option of EXPLAIN \"verbose\"; only ANALYZE is known"
    ),
    (
      "DESCRIBE",
      "line 1, column 9: DESCRIBE needs a table, a file in double quotes, or a query"
    ),
    (
      "DESCRIBE nosuch",
      "line 1, column 10: no table \"nosuch\""
    ),
    (
      "SHOW x",
      "line 1, column 1: expected SHOW TABLES"
    ),
    (
      "SELECT count(DISTINCT *) FROM sales",
      "line 1, column 23: syntax error at or near \"*\""
    ),
  ])
  func syntax(sql: String, expected: String) {
    #expect(failure(sql) == expected)
  }

  @Test(arguments: [
    (
      "SELECT price +\n  name\nFROM sales",
      "line 1, column 14: there is no operator double precision + text; cast the text: …::double precision"
    ),
    (
      "SELECT price FROM sales WHERE name",
      "line 1, column 31: WHERE needs a boolean, not text"
    ),
    (
      "SELECT price FROM sales WHERE price = 'abc'",
      "line 1, column 39: cannot cast 'abc' to double precision"
    ),
    (
      "SELECT day >= '2024-13-01' FROM sales",
      "line 1, column 15: cannot cast '2024-13-01' to date"
    ),
    (
      "SELECT 'abc'::integer",
      "line 1, column 13: cannot cast 'abc' to integer"
    ),
    (
      "SELECT 1::point",
      "line 1, column 11: no type \"point\"; there are boolean, smallint, integer, bigint, real, double precision, decimal, text, bytea, date, timestamp, timestamptz, interval and json"
    ),
    (
      "SELECT true::date",
      "line 1, column 12: cannot cast boolean to date"
    ),
    (
      "SELECT price::decimal(40, 2) FROM sales",
      "line 1, column 15: decimal(40,2) needs 1 to 38 digits, of which at most all after the point"
    ),
    (
      "SELECT name FROM sales LIMIT 'x'",
      "line 1, column 30: cannot cast 'x' to bigint"
    ),
    (
      "SELECT CASE WHEN price THEN 1 END FROM sales",
      "line 1, column 18: CASE WHEN needs a boolean, not double precision"
    ),
    (
      "SELECT coalesce(price, name) FROM sales",
      "line 1, column 24: COALESCE types double precision and text cannot be matched"
    ),
    (
      "SELECT price IN (1, name) FROM sales",
      "line 1, column 21: IN types double precision and text cannot be matched"
    ),
    (
      "SELECT 1 UNION ALL SELECT name FROM sales",
      "line 1, column 27: UNION types integer and text of column 1 cannot be matched"
    ),
    (
      "SELECT (device).category.x FROM sales",
      "line 1, column 9: \"category\" is of type text and has no field \"x\""
    ),
    (
      "SELECT payload.a FROM sales",
      "line 1, column 8: \"payload\" is of type json and has no field \"a\"; write -> or ->> for a key of JSON"
    ),
    (
      "SELECT name.x FROM sales",
      "line 1, column 8: \"name\" is of type text and has no field \"x\""
    ),
    (
      "SELECT 1 + 'x'",
      "line 1, column 12: cannot cast 'x' to integer"
    ),
    (
      "SELECT name + 1 FROM sales",
      "line 1, column 13: there is no operator text + integer; cast the text: …::integer"
    ),
    (
      "SELECT -name FROM sales",
      "line 1, column 8: there is no operator - text"
    ),
    (
      "SELECT NOT price FROM sales",
      "line 1, column 12: NOT needs a boolean, not double precision"
    ),
    (
      "SELECT price BETWEEN 'a' AND 2 FROM sales",
      "line 1, column 22: cannot cast 'a' to double precision"
    ),
    (
      "SELECT 123456789012345678901234567890123456789",
      "line 1, column 8: the number has more than 38 digits"
    ),
  ])
  func types(sql: String, expected: String) {
    #expect(failure(sql) == expected)
  }

  @Test(arguments: [
    (
      "SELECT sum(name) FROM sales",
      "line 1, column 8: no aggregate function sum(text); there is sum(number)"
    ),
    (
      "SELECT sum(sum(price)) FROM sales",
      "line 1, column 12: aggregate sum is not allowed in an aggregate"
    ),
    (
      "SELECT name, sum(price) FROM sales",
      "line 1, column 8: column \"name\" must appear in GROUP BY or be used in an aggregate"
    ),
    (
      "SELECT name FROM sales GROUP BY id",
      "line 1, column 8: column \"name\" must appear in GROUP BY or be used in an aggregate"
    ),
    (
      "SELECT price + 1 FROM sales GROUP BY name",
      "line 1, column 8: column \"price\" must appear in GROUP BY or be used in an aggregate"
    ),
    (
      "SELECT name FROM sales HAVING count(*) > 1",
      "line 1, column 8: column \"name\" must appear in GROUP BY or be used in an aggregate"
    ),
    (
      "SELECT name FROM sales ORDER BY sum(price)",
      "line 1, column 8: column \"name\" must appear in GROUP BY or be used in an aggregate"
    ),
    (
      "SELECT name, count(*) FROM sales GROUP BY 3",
      "line 1, column 43: GROUP BY position 3 is not in the select list of 2 columns"
    ),
    (
      "SELECT name FROM sales GROUP BY sum(price)",
      "line 1, column 33: aggregate sum is not allowed in GROUP BY"
    ),
    (
      "SELECT name FROM sales WHERE sum(price) > 1",
      "line 1, column 30: aggregate sum is not allowed in WHERE"
    ),
    (
      "SELECT * FROM sales JOIN users ON sum(price) > 1",
      "line 1, column 35: aggregate sum is not allowed in ON"
    ),
    (
      "SELECT GROUPING(price) FROM sales GROUP BY name",
      "line 1, column 8: the arguments of GROUPING must be grouping expressions"
    ),
    (
      "SELECT GROUPING(price) FROM sales",
      "line 1, column 8: the arguments of GROUPING must be grouping expressions"
    ),
    (
      "SELECT id FROM sales WHERE price > (SELECT max(u.id) FROM users u WHERE u.id < sales.id)",
      "line 1, column 36: this subquery depends on the rows around it in an unsupported way (a condition other than equality, with an aggregate)"
    ),
    (
      "SELECT id FROM sales WHERE price > (SELECT u.id FROM users u WHERE u.id = sales.id)",
      "line 1, column 36: a subquery that depends on the rows around it must be an aggregate, as it may give more than one row"
    ),
    (
      "SELECT sum(price) FILTER (WHERE name) FROM sales",
      "line 1, column 33: FILTER needs a boolean, not text"
    ),
  ])
  func aggregates(sql: String, expected: String) {
    #expect(failure(sql) == expected)
  }

  @Test(arguments: [
    (
      "SELECT * FROM sales, sales",
      "line 1, column 22: table name \"sales\" is used twice; give one of them an alias"
    ),
    (
      "SELECT nosuch(1)",
      "line 1, column 8: no function \"nosuch\""
    ),
    (
      "SELECT summ(price) FROM sales",
      "line 1, column 8: no function \"summ\"; did you mean \"sum\"?"
    ),
    (
      "SELECT name FROM sales ORDER BY 2",
      "line 1, column 33: ORDER BY position 2 is not in the select list of 1 columns"
    ),
    (
      "SELECT name FROM sales ORDER BY 'x'",
      "line 1, column 33: a constant in ORDER BY must be an integer, the number of an output column"
    ),
    (
      "SELECT DISTINCT name FROM sales ORDER BY price",
      "line 1, column 42: with SELECT DISTINCT, ORDER BY expressions must be in the select list"
    ),
    (
      "SELECT DISTINCT ON (name) name FROM sales ORDER BY price",
      "line 1, column 21: DISTINCT ON expressions must be the first of ORDER BY"
    ),
    (
      "SELECT name FROM sales LIMIT -1",
      "line 1, column 30: LIMIT must not be negative"
    ),
    (
      "SELECT name FROM sales LIMIT 1.5",
      "line 1, column 30: LIMIT needs an integer, not decimal(2,1)"
    ),
    (
      "SELECT 1 UNION SELECT 1, 2",
      "line 1, column 23: each UNION query must have the same number of columns: 1, not 2"
    ),
    (
      "SELECT 1 EXCEPT ALL SELECT 2",
      "line 1, column 28: EXCEPT ALL is not supported"
    ),
    (
      "VALUES (1), (1, 2)",
      "line 1, column 14: VALUES rows must have the same length: 1, not 2"
    ),
    (
      "SELECT sum(price) OVER (ORDER BY day) FROM sales",
      "line 1, column 8: window functions are not supported"
    ),
    (
      "SELECT name FROM sales FOR UPDATE",
      "line 1, column 1: FOR UPDATE and its like are not supported"
    ),
    (
      "SELECT * FROM sales TABLESAMPLE system(1)",
      "line 1, column 33: TABLESAMPLE is not supported"
    ),
    (
      "SELECT *",
      "line 1, column 8: SELECT * needs a table in FROM"
    ),
    (
      "SELECT $1",
      "line 1, column 8: parameters such as $1 are not supported"
    ),
    (
      "SELECT name COLLATE \"de_DE\" FROM sales",
      "line 1, column 13: text is compared by its bytes; the only collation is \"C\", not \"de_DE\""
    ),
    (
      "SELECT row() FROM sales",
      "line 1, column 8: ROW needs a value"
    ),
  ])
  func clauses(sql: String, expected: String) {
    #expect(failure(sql) == expected)
  }

  @Test(arguments: [
    (
      "SELECT price IN (SELECT name FROM users) FROM sales",
      "line 1, column 14: IN types double precision and text cannot be matched"
    ),
    (
      "SELECT id IN (SELECT id, name FROM users) FROM sales",
      "line 1, column 11: the subquery must give one column, not 2"
    ),
    (
      "SELECT (SELECT id, name FROM users)",
      "line 1, column 8: the subquery must give one column, not 2"
    ),
    (
      "SELECT * FROM sales, unnest(name) AS x",
      "line 1, column 29: unnest needs a list, not text"
    ),
    (
      "SELECT * FROM sales, unnest(tags) AS x(a, b)",
      "line 1, column 22: more names than columns in \"x\""
    ),
    (
      "SELECT unnest(tags) FROM sales",
      "line 1, column 8: unnest is only allowed in FROM; write FROM t, unnest(t.list) AS x"
    ),
    (
      "SELECT (SELECT tag, 1 FROM unnest(tags) AS tag) FROM sales",
      "line 1, column 8: the subquery must give one column"
    ),
    (
      "SELECT (SELECT tag FROM unnest(tags) AS tag ORDER BY tag) FROM sales",
      "line 1, column 54: ORDER BY is not supported in a subquery over a list; LIMIT 1 takes the first in the list's order"
    ),
    (
      "SELECT id FROM sales WHERE id NOT IN (SELECT u.id FROM users u WHERE u.name = sales.name)",
      "line 1, column 31: NOT IN over a subquery that depends on the rows around it is not supported; use NOT EXISTS"
    ),
    (
      "SELECT id FROM sales WHERE id = ALL (SELECT id FROM users)",
      "line 1, column 31: ALL (subquery) is not supported; compare with min or max of the subquery"
    ),
    (
      "SELECT * FROM sales s JOIN LATERAL (SELECT * FROM users u WHERE u.id = s.id LIMIT 2) x ON true",
      "line 1, column 44: this LATERAL subquery is not supported (it needs ORDER BY and LIMIT 1); with LIMIT it must be: WHERE b.key = a.key AND b.time <= a.time ORDER BY b.time DESC LIMIT 1"
    ),
    (
      "SELECT * FROM sales s JOIN LATERAL (SELECT * FROM users u WHERE u.id > s.id ORDER BY u.id DESC LIMIT 1) x ON true",
      "line 1, column 44: this LATERAL subquery is not supported (beside equalities, it needs one condition that bounds the ORDER BY column from above); with LIMIT it must be: WHERE b.key = a.key AND b.time <= a.time ORDER BY b.time DESC LIMIT 1"
    ),
    (
      "SELECT name FROM sales WHERE EXISTS (SELECT 1 FROM users WHERE nme = 'x')",
      "line 1, column 64: no column \"nme\"; did you mean \"name\"?"
    ),
  ])
  func subqueries(sql: String, expected: String) {
    #expect(failure(sql) == expected)
  }

  @Test(arguments: [
    (
      "SELECT x.price FROM sales s",
      "line 1, column 8: no table or column \"x\" in the query; did you mean \"s\"?"
    ),
    (
      "SELECT * FROM sale",
      "line 1, column 15: no table \"sale\"; did you mean \"sales\"?"
    ),
    (
      "SELECT * FROM public.sales",
      "line 1, column 15: no table \"public.sales\"; a file is written in double quotes: FROM \"public.sales\""
    ),
    (
      "WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a",
      "line 1, column 1: WITH RECURSIVE is not supported"
    ),
    (
      "WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a",
      "line 1, column 23: WITH query \"a\" is defined twice"
    ),
    (
      "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
      "line 1, column 26: no table \"b\""
    ),
    (
      "SELECT * FROM broken",
      "line 1, column 15: in view \"broken\": line 1, column 12: no column \"nam\"; did you mean \"name\"?"
    ),
    (
      "SELECT * FROM loop1",
      "line 1, column 15: in view \"loop1\": line 1, column 15: in view \"loop2\": line 1, column 15: views refer to each other in a cycle: \"loop1\" → \"loop2\" → \"loop1\""
    ),
    (
      "SELECT * FROM read_csv()",
      "line 1, column 15: read_csv needs a file"
    ),
    (
      "SELECT * FROM read_csv('x.csv', headr => true)",
      "line 1, column 33: read_csv has no option \"headr\"; did you mean header?"
    ),
    (
      "SELECT * FROM read_csv('x.csv', header => 1)",
      "line 1, column 43: header must be true or false"
    ),
    (
      "SELECT * FROM read_csv('x.csv', delimiter => ';;')",
      "line 1, column 46: delimiter must be one byte"
    ),
    (
      "SELECT * FROM read_csv('x.csv', columns => '{\"a\": \"bigin\"}')",
      "line 1, column 44: column \"a\": no type \"bigin\"; did you mean bigint?"
    ),
    (
      "SELECT * FROM read_csv('x.csv', columns => '{\"a\"}')",
      "line 1, column 44: columns must be a JSON object of names and types: byte 4: expected : after the key \"a\", found '}'"
    ),
    (
      "SELECT * FROM read_parquet('x', header => true)",
      "line 1, column 33: read_parquet has no option \"header\"; there are columns, maxRejectedShare, rejectedCap, format"
    ),
    (
      "SELECT * FROM read_tsv('x')",
      "line 1, column 15: no function \"read_tsv\" that gives rows; did you mean read_csv?"
    ),
    (
      "SELECT * FROM generate_series(1, 10, 0)",
      "line 1, column 15: the step of generate_series must not be 0"
    ),
    (
      "SELECT * FROM generate_series(1, price)",
      "line 1, column 34: no column \"price\""
    ),
    (
      "SELECT * FROM sales JOIN users USING (nosuch)",
      "line 1, column 15: column \"nosuch\" of USING is not on the left side of the join"
    ),
    (
      "SELECT * FROM sales JOIN users USING (price)",
      "line 1, column 15: column \"price\" of USING is not on the right side of the join"
    ),
    (
      "SELECT t.* FROM sales s",
      "line 1, column 8: no table \"t\" in FROM"
    ),
    (
      "SELECT * FROM users AS u(a, b, c)",
      "line 1, column 15: \"u\" has 2 columns, not 3"
    ),
    (
      "SELECT * FROM (SELECT 1, 2) x(a, b, c)",
      "line 1, column 23: \"x\" has 2 columns, not 3"
    ),
  ])
  func tables(sql: String, expected: String) {
    #expect(failure(sql) == expected)
  }
}

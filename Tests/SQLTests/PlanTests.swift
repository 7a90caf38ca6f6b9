import Testing

@testable import SQL

/// What queries become after the optimizer.
@Suite struct PlanTests {
  @Test func filtersAndColumnsReachTheScan() throws {
    #expect(
      try plan("SELECT label FROM cheaper WHERE label = 'x'") == """
        project name as label
          scan sales: id, name, price where (price < 10.0) and (id > 5) and (name = 'x')
        """)
  }

  @Test func commaJoinsGetKeysAndAnOrder() throws {
    #expect(
      try plan(
        "SELECT s.price FROM cities c, users u, sales s WHERE u.id = c.user_id AND s.id = u.id AND c.\"City\" = 'x'"
      ) == """
        project price
          join on id = user_id
            join on id = id
              scan sales: id, price
              scan users: id
            scan cities: user_id, City where City = 'x'
        """)
  }

  @Test func subqueriesOfWhereBecomeJoins() throws {
    #expect(
      try plan(
        "SELECT id FROM sales WHERE id IN (SELECT id FROM users) AND id NOT IN (SELECT id FROM cities)")
          == """
          not in on id = id
            semi join on id = id
              scan sales: id
              scan users: id
            scan cities: id
          """)
    #expect(
      try plan(
        "SELECT id FROM sales s WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = s.id AND u.name <> s.name)"
      )
        == """
        project id
          anti join on id = id and name <> name
            scan sales: id, name
            scan users: id, name
        """)
  }

  @Test func correlatedAggregateBecomesALeftJoin() throws {
    #expect(
      try plan("SELECT name, (SELECT count(*) FROM cities c WHERE c.user_id = u.id) AS n FROM users u") == """
        project name, case when key1 is not null then count else 0 end as n
          left join on id = key1
            scan users: id, name
            project count, key1
              group by user_id as key1; compute count(*)
                scan cities: user_id
        """)
  }

  @Test func subqueriesOverAList() throws {
    #expect(
      try plan(
        """
        SELECT (SELECT value.string_value FROM unnest(params) WHERE key = 'page') AS page,
          (SELECT sum(i.price) FROM unnest(items) AS i WHERE i.id = sales.id) AS total
        FROM sales
        """) == """
          project (element.value.string_value of params where element.key = 'page') as page, (sum(element.price) of items where element.id = id) as total
            scan sales: id, items, params
          """)
  }

  @Test func asofJoin() throws {
    #expect(
      try plan(
        """
        SELECT s.id, x.rate FROM sales s LEFT JOIN LATERAL (
          SELECT q.rate FROM quotes q WHERE q.id = s.id AND q.at <= s.at ORDER BY q.at DESC LIMIT 1) x ON true
        """) == """
          project id, rate
            as-of join on id = key1 and last asof <= at
              scan sales: id, at
              project rate, at as asof, id as key1
                scan quotes: id, at, rate
          """)
  }

  @Test func lateralUnnest() throws {
    #expect(
      try plan(
        "SELECT s.id, i.price FROM sales s LEFT JOIN LATERAL unnest(s.items) AS i ON true WHERE s.id > 1")
          == """
          project id, i.price as price
            unnest or null items as i
              scan sales: id, items where id > 1
          """)
  }

  @Test func groupingSets() throws {
    #expect(
      try plan("SELECT name, day, count(*), grouping(name, day) FROM sales GROUP BY ROLLUP (name, day)")
        == """
        group by name, day; sets (name, day), (name), (); compute count(*), grouping(0, 1)
          scan sales: name, day
        """)
    #expect(
      try plan("SELECT count(*) FROM sales GROUP BY GROUPING SETS ((name), ()), day") == """
        project count
          group by name, day; sets (name, day), (day); compute count(*)
            scan sales: name, day
        """)
  }

  @Test func scalarSubqueryIsComputedOnce() throws {
    #expect(
      try plan("SELECT id FROM sales WHERE price > (SELECT max(rate) FROM quotes)") == """
        project id
          scan sales: id, price where price > subquery 1
        subquery 1:
          compute max(rate)
            scan quotes: rate
        """)
  }

  @Test func hiddenSortColumnsAndLimit() throws {
    #expect(
      try plan("SELECT name AS n FROM sales ORDER BY price DESC, N LIMIT 3 OFFSET 1") == """
        project n
          skip 1, limit 3
            sort by order1 desc, n
              project name as n, price as order1
                scan sales: name, price
        """)
  }

  @Test func conditionsOfOneSideOfALeftJoin() throws {
    #expect(
      try plan(
        "SELECT u.name FROM users u LEFT JOIN sales s ON s.id = u.id AND s.price > 5 WHERE u.id = 7 AND s.name IS NULL"
      ) == """
        project name
          filter name is null
            left join on id = id
              scan users: id, name where id = 7
              scan sales: id, name, price where price > 5.0
        """)
  }

  @Test func comparisonsAreOfTheColumnAsStored() throws {
    #expect(
      try plan(
        "SELECT 1 FROM sales WHERE day < timestamp '2025-01-01 10:00' AND day >= timestamp '2025-01-01' AND day = timestamp '2025-01-01 01:00'"
      ) == """
        project 1 as ?column?
          scan sales: day where (day <= date '2025-01-01') and (day >= date '2025-01-01') and (cast(day as timestamp) = timestamp '2025-01-01 01:00:00')
        """)
  }
}

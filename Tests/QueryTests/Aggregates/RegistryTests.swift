import Columns
import Query
import Testing

@Suite struct AggregateRegistryTests {
  @Test func callsAreResolved() throws {
    #expect(try Aggregates.resolve("sum", [.int32]).result == .int64)
    #expect(try Aggregates.resolve("sum", [.int64]).result == .decimal(precision: 38, scale: 0))
    #expect(try Aggregates.resolve("sum", [.float]).arguments == [.double])
    #expect(try Aggregates.resolve("count", []).result == .int64)
    #expect(try Aggregates.resolve("string_agg", [.string, nil]).arguments == [.string, .string])
    #expect(try Aggregates.resolve("bool_or", [nil]).arguments == [.bool])
  }

  @Test func wrongCallsAreExplained() {
    let unknown = #expect(throws: QueryError.self) { try Aggregates.resolve("summ", [.int32]) }
    #expect(unknown?.description == "no aggregate function summ; did you mean sum?")
    let wrong = #expect(throws: QueryError.self) { try Aggregates.resolve("bit_and", [.double]) }
    #expect(
      wrong?.description == "no aggregate function bit_and(double precision); there is bit_and(integer)")
  }

  @Test func namesAreUnique() { #expect(Set(Aggregates.all.map(\.name)).count == Aggregates.all.count) }
}

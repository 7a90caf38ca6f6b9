import Basics
import Foundation
import Jobs
import TestSupport
import Testing

@Suite struct JobFileTests {
  static let count = #"{"type": "count", "input": "in/", "output": "out/", "startDate": "2025-04-01"}"#

  func resolve(
    _ text: String, base: String? = "/work", vars: [String: JSONValue]? = nil, set: [(String, String)] = []
  ) throws(JobFileErrors) -> ResolvedJob {
    try JobFile(text: text, registry: fakeRegistry).resolve(
      base: base, variablesFile: vars.map { ("v.json", $0) },
      settings: set.map { (name: $0.0, value: $0.1) })
  }

  func mistakes(_ text: String, base: String? = "/work", set: [(String, String)] = []) -> [String] {
    do {
      _ = try resolve(text, base: base, set: set)
      return []
    } catch { return error.errors.map(\.description) }
  }

  /// The mistakes of a group step with these further members.
  func mistakes(group members: String) -> [String] {
    mistakes(
      #"{"steps": [\#(Self.count), {"type": "group", "input": "out/", "output": "groups/", \#(members)}]}"#)
  }

  @Test func resolvesVariablesDefaultsAndPaths() throws {
    let job = try resolve(
      """
      {"$schema": "./job.schema.json", "name": "try ${n}", "variables": {"root": "file:data", "n": 5, "raw": "${root}/raw/"},
       "steps": [{"type": "count", "input": "${raw}", "output": "${root}/../counts/", "startDate": "2024-02-29"},
         {"type": "group", "name": "second", "input": "s3://bucket/x/", "output": "/groups", "clusters": "${n}",
          "columns": ["a", "${n}", "$${n}"], "label": "costs $5 $${n}$"}]}
      """)
    #expect(job.name == "try 5")
    #expect(job.steps.map(\.type) == ["count", "group"])
    #expect(job.steps.map(\.name) == ["count", "second"])
    let count = job.steps[0].values
    #expect(count.location == "steps[0]")
    #expect(
      count.values == [
        "input": "/work/data/raw", "output": "/work/counts", "startDate": "2024-02-29",
        "maxShare": .number(0.05),
        "strict": false,
      ])
    #expect(
      job.steps[1].values.values == [
        "input": "s3://bucket/x/", "output": "/groups", "clusters": 5, "seed": 42, "mode": "exact",
        "columns": ["a", "5", "${n}"], "label": "costs $5 ${n}$",
      ])
    #expect(job.steps[0].step is CountStep && job.steps[1].step is GroupStep)
  }

  @Test func travelsAsJSON() throws {
    let job = try resolve(
      """
      {"name": "n", "variables": {"d": "$"}, "steps": [{"type": "group", "name": "$${x} $$${y}", "input": "a b/ü",
        "output": "o", "clusters": "auto", "label": "${d}${d}{z} $${", "columns": ["$${}"], "seed": -9223372036854775808}]}
      """)
    let again = try ResolvedJob(json: job.json, registry: fakeRegistry)
    #expect(again.name == job.name)
    #expect(again.steps.map(\.values) == job.steps.map(\.values))
    #expect(again.steps.map(\.name) == ["${x} $${y}"])
    #expect(again.steps[0].values.optionalString("label") == "$${z} ${")
    #expect(again.json == job.json)
  }

  @Test func relativePathsDoNotTravel() {
    #expect(
      mistakes(#"{"steps": [\#(Self.count)]}"#, base: nil) == [
        "steps[0].input: 'in/': expected an absolute path or a URI",
        "steps[0].output: 'out/': expected an absolute path or a URI",
      ])
  }

  @Test func lastVariableWins() throws {
    let text = """
      {"variables": {"a": "file", "b": "file", "c": "file"}, "steps": [{"type": "group", "input": "/i", "output": "/o",
       "clusters": "${k}", "columns": ["${a}", "${b}", "${c}"]}]}
      """
    let job = try resolve(
      text, vars: ["b": "vars", "c": "vars", "unused": 1], set: [("c", "first"), ("k", "7"), ("c", "${b}!")])
    #expect(job.steps[0].values.optionalStrings("columns") == ["file", "vars", "vars!"])
    #expect(job.steps[0].values.optionalInteger("clusters") == 7)
  }

  @Test func textOfVariablesIsReadByKind() throws {
    let text = """
      {"steps": [{"type": "count", "input": "/i", "output": "/o", "startDate": "${y}-04-01", "maxShare": "0.${s}",
       "strict": "${f}"}]}
      """
    let values = try resolve(text, set: [("y", "2025"), ("s", "5"), ("f", "true")]).steps[0].values
    #expect(values.optionalString("startDate") == "2025-04-01")
    #expect(values.optionalNumber("maxShare") == 0.5)
    #expect(try values.bool("strict"))
    #expect(
      mistakes(text, set: [("y", "25"), ("s", "x"), ("f", "yes")]) == [
        #"steps[0].startDate: expected a date YYYY-MM-DD, found "25-04-01""#,
        #"steps[0].maxShare: expected a number from 0 to 1, found "0.x""#,
        #"steps[0].strict: expected true or false, found "yes""#,
      ])
  }

  @Test func valuesOfTheWrongKind() {
    #expect(
      mistakes(group: #""clusters": "five""#) == [
        #"steps[1].clusters: expected an integer from 1 to 10000 or "auto", found "five""#
      ])
    #expect(mistakes(group: #""clusters": 5.0"#) == [])
    for (value, found) in [("0", "0"), ("5.5", "5.5"), (#""5""#, #""5""#), ("null", "null"), ("[5]", "[5]")] {
      #expect(
        mistakes(group: #""clusters": \#(value)"#) == [
          #"steps[1].clusters: expected an integer from 1 to 10000 or "auto", found \#(found)"#
        ])
    }
    #expect(
      mistakes(group: #""clusters": 5, "columns": ["a", 7], "mode": "fsat", "label": 3, "seed": 1e30"#) == [
        "steps[1].columns[1]: expected a string, found 7", "steps[1].seed: expected an integer, found 1e+30",
        #"steps[1].mode: expected one of "fast", "exact", found "fsat"; did you mean 'fast'?"#,
        "steps[1].label: expected a string, found 3",
      ])
    #expect(
      mistakes(group: #""clusters": 5, "label": "\#(String(repeating: "y", count: 99))", "columns": "a""#)
        == [
          #"steps[1].columns: expected an array of strings, found "a""#
        ])
  }

  @Test func everyMistakeIsTold() {
    let text = """
      {"nmae": "x", "variables": {"root": "${rot}", "a b": 1, "l": []},
       "steps": [{"type": "cuont"}, {"type": "group", "inptu": "/i", "output": "http://x/", "clusters": 0, "name": 3},
         {"type": "count", "input": "${root}", "output": "/o", "startDate": "2025-02-30"}, 5, {}]}
      """
    #expect(
      mistakes(text, set: [("roots", "x")]) == [
        "nmae: unknown key; did you mean 'name'?",
        "variables.a b: a variable's name has letters, digits, '_', '-' and '.' only",
        "variables.l: expected a string, number or boolean, found []",
        "variables.root: undefined variable 'rot'; did you mean 'root'?",
        "--set roots: the job has no variable 'roots'; did you mean 'root'?",
        #"steps[0].type: expected one of "count", "group", found "cuont"; did you mean 'count'?"#,
        "steps[1].name: expected a string, found 3",
        "steps[1].inptu: unknown key of a group step; did you mean 'input'?",
        "steps[1].input: missing; expected a path or URI",
        "steps[1].output: 'http://x/': unknown scheme 'http:'; expected file: or s3:. Write a path that contains a colon as ./http://x/",
        #"steps[1].clusters: expected an integer from 1 to 10000 or "auto", found 0"#,
        #"steps[2].startDate: expected a date YYYY-MM-DD, found "2025-02-30""#,
        #"steps[3]: expected an object with "type", found 5"#,
        #"steps[4].type: missing; expected one of "count", "group""#,
      ])
  }

  @Test func mistakesBetweenFields() {
    #expect(
      mistakes(
        #"{"steps": [{"type": "count", "input": "/i", "output": "/o", "startDate": "2025-04-02", "endDate": "2025-04-01"}]}"#
      ) == ["steps[0].endDate: is before startDate"])
  }

  @Test(arguments: [
    ("/d", "/d/o", "is inside the step's input '/d'"), ("/d/", "/d", "is inside the step's input '/d'"),
    ("/d/raw/", "/d", "contains the step's input '/d/raw'"), ("s3://b/k/", "s3://b/k/x", "is inside"),
  ])
  func outputAndInput(input: String, output: String, message: String) {
    let found = mistakes(
      #"{"steps": [{"type": "group", "input": "\#(input)", "output": "\#(output)", "clusters": 2}]}"#)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("steps[0].output: '\(output)' \(message)") == true)
  }

  /// A link would hide that an output replaces its own input.
  @Test func outputAndInputBehindLinks() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let (root, files) = (folder.path, FileManager.default)
    try folder.write("raw/day/x", "")
    try files.createSymbolicLink(atPath: root + "/link", withDestinationPath: "raw")
    try files.createSymbolicLink(atPath: root + "/loop", withDestinationPath: "loop")
    func found(_ input: String, _ output: String) -> String {
      mistakes(
        #"{"steps": [{"type": "group", "input": "\#(root)\#(input)", "output": "\#(root)\#(output)", "clusters": 2}]}"#
      ).joined()
    }
    #expect(found("/link", "/raw").contains("'\(root)/raw' is inside the step's input '\(root)/link'"))
    #expect(found("/raw", "/link/new/out").contains("is inside the step's input"))
    #expect(found("/raw/day", "/link").contains("contains the step's input"))
    for output in ["/out", "/new/out", "/raw2", "/loop/x"] { #expect(found("/link", output) == "") }
    let two = #"""
      {"steps": [{"type": "count", "input": "/i", "output": "\#(root)/raw", "startDate": "2025-04-01"},
        {"type": "group", "input": "/i", "output": "\#(root)/link/x", "clusters": 2}]}
      """#
    #expect(mistakes(two).joined().contains("one contains the other"))
  }

  @Test func outputsOfTwoSteps() throws {
    func job(_ second: String) -> String {
      #"{"steps": [\#(Self.count), {"type": "group", "input": "x", "output": "\#(second)", "clusters": 2}]}"#
    }
    for second in ["out", "./out/", "../work/out/y", "."] {
      #expect(mistakes(job(second)).contains { $0.hasPrefix("steps[1].output: '/") }, "\(second)")
    }
    #expect(mistakes(job("out2")) == [])
  }

  @Test func variableMistakes() {
    func text(_ variables: String, _ input: String = "/i") -> String {
      #"{"variables": {\#(variables)}, "steps": [{"type": "group", "input": "\#(input)", "output": "/o", "clusters": 2}]}"#
    }
    #expect(
      mistakes(text(#""a": "${b}", "b": "${c}", "c": "x${a}""#, "${b}")) == [
        "variables.b: the variable refers to itself: b → c → a → b"
      ])
    #expect(mistakes(text(#""a": "${a}""#)) == ["variables.a: the variable refers to itself: a → a"])
    #expect(
      mistakes(text("", "${root}/x")) == ["steps[0].input: undefined variable 'root'"])
    #expect(
      mistakes(text("", "x${root/x")) == ["steps[0].input: '${' without '}' (write $${ for a literal ${)"])
    #expect(
      mistakes(text("", "${}")) == ["steps[0].input: '${}' is not a variable (write $${ for a literal ${)"])
    // Doubling forty times would be a terabyte.
    let doubling = (1...40).map { #""v\#($0)": "${v\#($0 - 1)}${v\#($0 - 1)}""# }.joined(separator: ",")
    let found = mistakes(text(#""v0": "0123456789", "# + doubling))
    #expect(found.count == 1 && found[0].hasSuffix("the value is longer than 64 KiB"))
    let chain = (1...500).map { #""v\#($0)": "${v\#($0 + 1)}""# }.joined(separator: ",") + #","v501": "x""#
    #expect(mistakes(text(chain, "${v1}")).contains { $0.hasSuffix("variables nested deeper than 64") })
  }

  @Test(arguments: [
    ("", "1:1: the file is empty"), ("[]", #"expected an object with "steps""#),
    ("{}", "steps: missing; expected an array of steps"),
    (#"{"steps": []}"#, "steps: expected at least one step"),
    (#"{"steps": {}}"#, "steps: expected an array of steps, found {}"),
    ("{\n  \"name\": \"x\",\n}", "3:1: a comma before }"),
    ("{\"name\": \"ü\" \"y\"}", "1:14: expected , or } in an object, found '\"'"),
    ("{'name': 1}", "1:2: expected a key in quotes, found '''"),
    ("{\"a\": 1,\n \"a\": 2}", "2:2: the key \"a\" appears twice"),
    ("// x\n{}", "1:1: expected a value, found '/' (JSON has no comments)"),
    ("{\"a\": \"x\n\"}", "1:7: a string that is not closed on its line"),
    ("{\"a\": \"x", "1:7: a string that is never closed"),
    ("{\"a\": \"\\q\"}", "1:8: unknown escape in a string"),
    ("{\"a\": 01}", "1:7: not a JSON number"), ("{\"a\": 1e999}", "1:7: number out of range"),
    ("{} x", "1:4: unexpected 'x' after the end of the document"),
    ("{\"a\"", "1:5: expected : after the key \"a\", found the end of the text"),
    ("{\"a\": [1,]}", "1:10: a comma before ]"), ("{\"a\": tru}", "1:7: expected a value, found 't'"),
  ])
  func documents(text: String, message: String) {
    do {
      _ = try JobFile(text: text, file: "f.json", registry: fakeRegistry).resolve()
      Issue.record("accepted \(text)")
    } catch {
      let separator = message.first?.isNumber == true ? ":" : ": "
      #expect(error.description == "f.json\(separator)\(message)")
    }
  }

  @Test func dates() {
    func accepts(_ date: String) -> Bool {
      mistakes(#"{"steps": [{"type": "count", "input": "/i", "output": "/o", "startDate": "\#(date)"}]}"#)
        .isEmpty
    }
    for date in ["2025-04-01", "2024-02-29", "2000-02-29", "1970-01-01", "9999-12-31"] {
      #expect(accepts(date))
    }
    for date in [
      "2025-4-1", "2023-02-29", "1900-02-29", "2025-13-01", "2025-00-01", "2025-01-00", "2025-04-31",
      "2025-04-01T00", "+025-04-01", "２０２５-04-01", "",
    ] { #expect(!accepts(date), "\(date)") }
  }

  @Test func paths() throws {
    func path(_ text: String) -> String {
      let steps = #"[{"type": "group", "input": "\#(text)", "output": "s3://else/", "clusters": 1}]"#
      do {
        return try resolve(#"{"steps": \#(steps)}"#, base: "/base/dir").steps[0].values.optionalString(
          "input") ?? ""
      } catch { return error.errors.map(\.description).joined(separator: "|") }
    }
    #expect(path("a/./b//c") == "/base/dir/a/b/c")
    #expect(path("file:a/") == "/base/dir/a")
    #expect(path("file:///x/y") == "/x/y")
    #expect(path("../../../..") == "/")
    #expect(path("s3://b/k/") == "s3://b/k/")
    #expect(path("kafka://b:9092/t") == "kafka://b:9092/t")
    #expect(path("s3:/x") == "steps[0].input: 's3:/x': expected s3://bucket/key")
    #expect(path("") == "steps[0].input: '': the path is empty")
    #expect(path("a\\u0000b").hasPrefix("steps[0].input: "))
  }
}

import Basics
import Engine
import Jobs

extension FuzzTarget {
  /// A job file, a file of variables, and command line settings, separated by zero bytes.
  static let jobFile = FuzzTarget("job-file") {
    let job = #"""
      {"$schema":"./job.schema.json","name":"n ${x}","variables":{"root":"file:data","x":"a${y}","y":2,"k":5},
      "conf":{"s3.region":"${x}","s3.connections":"${k}","s3.pathStyle":true,"kafka.a":"$${b"},"steps":[
      {"type":"features","input":"${root}/raw/","output":"${root}/f/","startDate":"2025-04-01","endDate":"2025-04-21"},
      {"type":"segment","name":"s","input":"${root}/f/","output":"s3://b/$${s}","clusters":"${k}","seed":42,
       "columns":["events","${x}"],"standardize":true,"tolerance":1e-4}]}
      """#
    let plain =
      #"{"steps":[{"type":"segment","input":"/a","output":"/b","clusters":"auto","fill":0.5,"maxIterations":5}]}"#
    return [
      job, plain, job + "\0" + #"{"root":"/abs","y":true}"# + "\0k=7\0y=\u{e9}", #"{"steps":[]}"#,
      #"{"variables":{"a":"${b}","b":"${a}"},"steps":[{"type":"x"}]}"#,
      #"{"a":[null,true,false,-0.5e-3,1E400,"\u00e9\ud83d\ude00\n\/"],"a":{}}"#,
    ].map { Array($0.utf8) } + StepRegistry.standard.types.flatMap(StepSeeds.jobs)
  } check: { input in
    let parts = input.split(separator: 0, maxSplits: 8, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard let text = parts.first else { return }
    try checkJSON(text)
    try checkJob(text, variables: parts.dropFirst().first, settings: parts.dropFirst(2))
  }

  private static func checkJSON(_ text: String) throws {
    guard let value = try unless(JSONSyntaxError.self, { try JSONText.parse(text) }) else { return }
    for written in [JSONText.compact(value), JSONText.pretty(value)] {
      try require(try JSONText.parse(written) == value, "JSON is another value after it was written")
    }
  }

  private static func checkJob(_ text: String, variables: String?, settings: ArraySlice<String>) throws {
    let resolved = try unless(JobFileErrors.self) {
      let file = try JobFile(text: text, file: "job.json", registry: .standard)
      let values = try variables.map { try JobFile.variables(text: $0, file: "vars.json") }
      return try file.resolve(
        base: "/base", variablesFile: values.map { ("vars.json", $0) },
        settings: settings.map { setting in
          let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          return (String(parts[0]), String(parts.dropFirst().first ?? ""))
        })
    }
    guard let resolved else { return }
    let again = try ResolvedJob(json: resolved.json, registry: .standard)
    try require(
      again.json == resolved.json && again.name == resolved.name && again.settings == resolved.settings,
      "a job is another one after it was sent to a driver")
    try require(resolved.json.utf8.count <= 64 << 20, "a job file grew to \(resolved.json.utf8.count) bytes")
  }
}

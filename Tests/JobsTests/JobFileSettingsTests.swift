import Jobs
import TestSupport
import Testing
import Wire

@Suite struct JobFileSettingsTests {
  private func resolve(_ conf: String, _ line: [(String, String)] = []) throws(JobFileErrors) -> ResolvedJob {
    try JobFile(
      text: """
        {"variables": {"host": "localhost", "port": 9000, "k": "$${"}, "conf": \(conf), "steps": [\(JobFileTests.count)]}
        """, registry: fakeRegistry
    ).resolve(base: "/work", conf: line.map { (name: $0.0, value: $0.1) })
  }

  private func mistakes(_ conf: String, _ line: [(String, String)] = []) -> [String] {
    do {
      _ = try resolve(conf, line)
      return []
    } catch { return error.errors.map(\.description) }
  }

  @Test func commandLineGoesOverTheFile() throws {
    let job = try resolve(
      """
      {"s3.endpoint": "http://${host}:${port}", "s3.pathStyle": true, "s3.connections": 4, "s3.region": "file",
       "kafka.security.protocol": "SASL_SSL", "kafka.sasl.password": "${k}x}"}
      """, [("s3.region", "first"), ("s3.region", "last"), ("kafka.debug", "all")])
    let expected = Settings([
      "s3.endpoint": "http://localhost:9000", "s3.pathStyle": "true", "s3.connections": "4",
      "s3.region": "last",
      "kafka.security.protocol": "SASL_SSL", "kafka.sasl.password": "${x}", "kafka.debug": "all",
    ])
    #expect(job.settings == expected)
    #expect(job.steps[0].values.settings == expected)
    #expect(try ResolvedJob(json: job.json, registry: fakeRegistry).settings == expected)
  }

  @Test func mistakesAreToldWithTheNearestName() {
    #expect(
      mistakes(
        #"{"s3.endpont": "x", "s3.pathStyle": "yes", "s3.connections": 0, "kafka.": 1, "s3.region": [1]}"#)
        == [
          "conf.kafka.: unknown setting 'kafka.'",
          "conf.s3.connections: expected an integer from 1 to 256",
          "conf.s3.endpont: unknown setting 's3.endpont'; did you mean 's3.endpoint'?",
          "conf.s3.pathStyle: expected true or false",
          "conf.s3.region: expected a string, number or boolean, found [1]",
        ])
    #expect(mistakes("[]") == ["conf: expected an object of settings, found []"])
    #expect(mistakes("{}", [("S3.Regionn", "x")]).first?.hasSuffix("did you mean 's3.region'?") == true)
    #expect(
      mistakes(#"{"s3.region": "${hots}"}"#) == [
        "conf.s3.region: undefined variable 'hots'; did you mean 'host'?"
      ])
  }

  @Test func mistakesShowNoSecret() {
    let told = mistakes(
      #"{"s3.secretAccesKey": "hunter2", "s3.http": "hunter2", "kafka.sasl.password": ["hunter2"]}"#,
      [("s3.sessionTokn", "hunter2")])
    #expect(told.count == 4)
    #expect(!told.joined().contains("hunter2"))
  }
}

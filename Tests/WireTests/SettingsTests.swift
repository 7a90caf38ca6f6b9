import Basics
import Testing
import Wire

@Suite struct SettingsTests {
  static let secrets = [
    "s3.secretAccessKey", "s3.accessKeyId", "s3.sessionToken", "kafka.sasl.password",
    "kafka.ssl.key.password",
    "kafka.ssl.key.pem", "kafka.sasl.oauthbearer.config", "kafka.SASL.PASSWORD", "new.secret.of.tomorrow",
  ]

  @Test(arguments: secrets) func noPrintShowsASecret(_ key: String) {
    let settings = Settings([key: "hunter2", "s3.region": "eu-west-1"])
    var dumped = ""
    dump(settings, to: &dumped)
    var inside = ""
    dump([("a", Optional(settings))], to: &inside)
    for text in [
      "\(settings)", String(reflecting: settings), String(describing: [settings]), dumped, inside,
      "\(settings.shown)",
    ] {
      #expect(!text.contains("hunter2"), "\(key)")
      #expect(text.contains("***") && text.contains("eu-west-1"))
    }
    #expect(settings[key] == "hunter2" && settings.values[key] == "hunter2")
  }

  @Test func whatIsNoSecretIsShown() {
    let settings = Settings(["s3.endpoint": "http://127.0.0.1:9000", "kafka.security.protocol": "SASL_SSL"])
    #expect("\(settings)" == "kafka.security.protocol=SASL_SSL s3.endpoint=http://127.0.0.1:9000")
    #expect(Settings.shown("s3.endpoint", "http://me:hunter2@host:9000/") == "***")
  }

  @Test func travelsInOneOrder() throws {
    let values = ["b": "", "a": "ü=\n", "kafka.x": "1"]
    let settings = Settings(values)
    var later = Settings()
    for key in values.keys.sorted(by: >) { later[key] = values[key] }
    #expect(later.encoded == settings.encoded)
    #expect(try Settings(decoding: settings.encoded) == settings)
    for length in 0..<settings.encoded.count {
      #expect(throws: WireError.self) { try Settings(decoding: Array(settings.encoded[..<length])) }
    }
  }

  @Test func keysThatComeTwiceAreRefused() {
    var writer = ByteWriter()
    writer.count(2)
    for text in ["a", "1", "a", "2"] { writer.string(text) }
    #expect(throws: WireError.self) { try Settings(decoding: writer.bytes) }
    var endless = ByteWriter()
    endless.varint(1 << 40)
    #expect(throws: WireError.self) { try Settings(decoding: endless.bytes) }
  }

  @Test func thoseOfAPrefix() {
    #expect(Settings(["kafka.a.b": "1", "kafka": "2", "s3.region": "3"]).under("kafka.") == ["a.b": "1"])
  }
}

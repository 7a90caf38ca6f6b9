import Kafka
import Testing
import Wire

@Suite struct ConfigurationTests {
  private func configuration(_ settings: [String: String]) -> KafkaConfiguration {
    KafkaConfiguration(brokers: "127.0.0.1:1", settings: Settings(settings))
  }

  private func error(_ settings: [String: String]) -> KafkaError? {
    do throws(KafkaError) {
      try configuration(settings).check()
      return nil
    } catch {
      return error
    }
  }

  @Test func anyPropertyOfTheLibrary() {
    #expect(
      error([
        "kafka.security.protocol": "SASL_SSL", "kafka.sasl.mechanism": "SCRAM-SHA-512",
        "kafka.sasl.username": "me", "kafka.sasl.password": "hush", "kafka.ssl.ca.location": "/etc/ssl/certs",
        "kafka.fetch.wait.max.ms": "50", "s3.region": "eu-west-1",
      ]) == nil)
  }

  @Test func mistakesAreTold() {
    #expect(
      error(["kafka.no.such.thing": "1"])?.description
        == "kafka.no.such.thing: unknown librdkafka property")
    #expect(error(["kafka.fetch.wait.max.ms": "soon"])?.location == "kafka.fetch.wait.max.ms")
    #expect(error(["kafka.bootstrap.servers": "elsewhere:9092"])?.message.contains("kafka:// URI") == true)
  }

  @Test func whatExactlyOnceRestsOnCannotBeChanged() throws {
    for (name, value) in [
      "enable.auto.commit": "true", "auto.offset.reset": "earliest", "enable.partition.eof": "false",
    ] {
      let error = try #require(throws: KafkaError.self) {
        _ = try KafkaClient(consuming: configuration(["kafka." + name: value]))
      }
      #expect(error.description == "kafka.\(name): is chosen by Swiftlet")
    }
    #expect(throws: KafkaError.self) {
      _ = try KafkaProducer(configuration(["kafka.enable.idempotence": "false"]), topic: "clicks")
    }
  }

  @Test(arguments: ["plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.engine.location"])
  func noJobBringsCode(_ name: String) {
    #expect(error(["kafka." + name: "/tmp/evil"])?.message.contains("would run code") == true)
  }

  @Test func secretsAreNotShown() throws {
    let secret = "hush-hush"
    let wrong = try #require(
      error(["kafka.ssl.key.pem": secret, "kafka.sasl.password": secret, "kafka.debug": "nonsense"]))
    #expect(!wrong.description.contains(secret))
    let configuration = configuration(["kafka.sasl.password": secret])
    #expect(!"\(configuration)".contains(secret))
    #expect(!String(reflecting: configuration).contains(secret))
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!dumped.contains(secret))
    #expect(try KafkaConfiguration(decoding: configuration.encoded) == configuration, "but it travels")
  }
}

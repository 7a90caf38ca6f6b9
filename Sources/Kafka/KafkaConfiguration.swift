import Basics
import CRdKafka
import Foundation
import Wire

/// Where the brokers are, and every property of librdkafka that the user has set. Travels to the workers in the parameters of a
/// stage; printing it shows no secret.
package struct KafkaConfiguration: Hashable, Sendable, WireCodable {
  /// `host:port`, several with commas between.
  package let brokers: String
  /// Those settings of the job that are for librdkafka; their names begin with `kafka.`.
  let settings: Settings
  /// Seconds that a request, or a read or a delivery without progress, may take.
  package var patience: Int

  package init(brokers: String, settings: Settings, patience: Int = 60) {
    self.brokers = brokers
    self.settings = Settings(settings.values.filter { $0.key.hasPrefix("kafka.") })
    self.patience = max(1, patience)
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(brokers: try reader.string(), settings: try reader.value(), patience: try reader.count())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(brokers)
    writer.value(settings)
    writer.count(patience)
  }

  var place: String { "kafka://\(brokers)" }

  /// Whether librdkafka takes the properties; connects nowhere.
  package func check() throws(KafkaError) {
    rd_kafka_conf_destroy(try make(defaults: [], fixed: [("bootstrap.servers", brokers)]))
  }

  /// The properties that the environment of this process sets where the job does not: credentials need not be in job files.
  static let environment = [
    "KAFKA_SECURITY_PROTOCOL": "security.protocol", "KAFKA_SASL_MECHANISM": "sasl.mechanism",
    "KAFKA_SASL_USERNAME": "sasl.username", "KAFKA_SASL_PASSWORD": "sasl.password",
    "KAFKA_SSL_CA_LOCATION": "ssl.ca.location",
    "KAFKA_SSL_CERTIFICATE_LOCATION": "ssl.certificate.location",
    "KAFKA_SSL_KEY_LOCATION": "ssl.key.location", "KAFKA_SSL_KEY_PASSWORD": "ssl.key.password",
  ]

  /// Properties that make librdkafka load a library or run a command. Jobs name operators and never bring code: who may submit
  /// one must not be able to run something of their own on the workers.
  private static let code: Set = [
    "plugin.library.paths", "ssl.engine.location", "ssl.providers", "sasl.kerberos.kinit.cmd",
  ]

  /// What a configuration object for librdkafka is made of, in the order it is set.
  /// - Parameters:
  ///   - defaults: What we choose where neither job nor environment says anything.
  ///   - fixed: What exactly-once rests on: nobody may set it otherwise.
  /// - Returns: The caller destroys it, or hands it to a client.
  func make(
    defaults: [(String, String)], fixed: [(String, String)]
  ) throws(KafkaError) -> OpaquePointer {
    let given = settings.under("kafka.")
    for (name, _) in fixed where given[name] != nil {
      throw KafkaError(
        place: "kafka.\(name)",
        message: name == "bootstrap.servers"
          ? "stands in the kafka:// URI, or behind --bootstrap-servers" : "is chosen by Swiftlet")
    }
    for name in KafkaConfiguration.code where given[name] != nil {
      throw KafkaError(place: "kafka.\(name)", message: "is not allowed: it would run code on the workers")
    }
    guard let conf = rd_kafka_conf_new() else {
      throw KafkaError(place: place, message: "no memory for a configuration")
    }
    do throws(KafkaError) {
      for (name, value) in defaults where given[name] == nil { try set(conf, name, value) }
      let environment = ProcessInfo.processInfo.environment
      for (variable, name) in KafkaConfiguration.environment {
        if given[name] == nil, let value = environment[variable] { try set(conf, name, value) }
      }
      for (name, value) in given.sorted(by: { $0.key < $1.key }) { try set(conf, name, value) }
      for (name, value) in fixed { try set(conf, name, value) }
    } catch {
      rd_kafka_conf_destroy(conf)
      throw error
    }
    // Errors come as events to whoever waits; librdkafka's own lines on stderr would tell them twice.
    rd_kafka_conf_set_log_cb(conf, nil)
    return conf
  }

  private func set(_ conf: OpaquePointer, _ name: String, _ value: String) throws(KafkaError) {
    var text = [CChar](repeating: 0, count: 512)
    switch rd_kafka_conf_set(conf, name, value, &text, text.count) {
    case RD_KAFKA_CONF_OK: return
    case RD_KAFKA_CONF_UNKNOWN:
      throw KafkaError(place: "kafka.\(name)", message: "librdkafka knows no property of this name")
    default:
      // Its text repeats the value.
      let reason = Settings.isSecret(name) ? "librdkafka refuses the value" : KafkaConfiguration.text(text)
      throw KafkaError(place: "kafka.\(name)", message: reason)
    }
  }

  static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

import Basics
import CRdKafka
import Foundation
import Wire

/// The brokers, and every librdkafka property that the user has set. Sent to the workers in the parameters of a
/// stage; its printed form shows no secrets.
package struct KafkaConfiguration: Hashable, Sendable, WireCodable {
  /// `host:port`, several separated by commas.
  package let brokers: String
  /// The job's settings for librdkafka; their names start with `kafka.`.
  let settings: Settings
  /// Time limit in seconds for a request, or for a read or delivery without progress.
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

  var location: String { "kafka://\(brokers)" }

  /// Checks that librdkafka accepts the properties. Does not connect.
  package func check() throws(KafkaError) {
    rd_kafka_conf_destroy(try make(defaults: [], fixed: [("bootstrap.servers", brokers)]))
  }

  /// Properties from the environment that the job does not set: keeps credentials out of job files.
  static let environment = [
    "KAFKA_SECURITY_PROTOCOL": "security.protocol", "KAFKA_SASL_MECHANISM": "sasl.mechanism",
    "KAFKA_SASL_USERNAME": "sasl.username", "KAFKA_SASL_PASSWORD": "sasl.password",
    "KAFKA_SSL_CA_LOCATION": "ssl.ca.location",
    "KAFKA_SSL_CERTIFICATE_LOCATION": "ssl.certificate.location",
    "KAFKA_SSL_KEY_LOCATION": "ssl.key.location", "KAFKA_SSL_KEY_PASSWORD": "ssl.key.password",
  ]

  /// Properties that make librdkafka load a library or run a command. Jobs must not bring code: who may submit
  /// one must not be able to run their own code on workers.
  private static let code: Set = [
    "plugin.library.paths", "ssl.engine.location", "ssl.providers", "sasl.kerberos.kinit.cmd",
  ]

  /// The properties of a librdkafka configuration, in the order they are set.
  /// - Parameters:
  ///   - defaults: Our defaults if neither job nor environment sets a value.
  ///   - fixed: Required for exactly-once; cannot be overridden.
  /// - Returns: A configuration that the caller destroys or passes to a client.
  func make(
    defaults: [(String, String)], fixed: [(String, String)]
  ) throws(KafkaError) -> OpaquePointer {
    let given = settings.under("kafka.")
    for (name, _) in fixed where given[name] != nil {
      throw KafkaError(
        location: "kafka.\(name)",
        message: name == "bootstrap.servers"
          ? "stands in the kafka:// URI, or behind --bootstrap-servers" : "is chosen by Swiftlet")
    }
    for name in KafkaConfiguration.code where given[name] != nil {
      throw KafkaError(
        location: "kafka.\(name)", message: "is not allowed, because it would run code on the workers")
    }
    guard let conf = rd_kafka_conf_new() else {
      throw KafkaError(location: location, message: "out of memory for a configuration")
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
    // Errors arrive as events; librdkafka's own lines on stderr would repeat them.
    rd_kafka_conf_set_log_cb(conf, nil)
    return conf
  }

  private func set(_ conf: OpaquePointer, _ name: String, _ value: String) throws(KafkaError) {
    var text = [CChar](repeating: 0, count: 512)
    switch rd_kafka_conf_set(conf, name, value, &text, text.count) {
    case RD_KAFKA_CONF_OK: return
    case RD_KAFKA_CONF_UNKNOWN:
      throw KafkaError(location: "kafka.\(name)", message: "unknown librdkafka property")
    default:
      // librdkafka's text contains the value.
      let reason = Settings.isSecret(name) ? "librdkafka refuses the value" : KafkaConfiguration.text(text)
      throw KafkaError(location: "kafka.\(name)", message: reason)
    }
  }

  static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

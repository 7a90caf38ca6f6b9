import CommandLine
import EventGenerator
import Foundation
import Kafka
import Wire

/// `swift-events --bootstrap-servers B --topic T`: publishes events to Kafka.
struct PublishCommand {
  private let publisher: EventPublisher
  private let location: String

  init(_ arguments: CommandArguments) throws(UsageError) {
    for name in ["output", "kinds", "files-per-day"] where arguments.value(name) != nil {
      throw UsageError("--\(name) is for files; it cannot be used with --topic")
    }
    let topic = try arguments.required("topic")
    let brokers = try arguments.required("bootstrap-servers")
    var settings = Settings()
    for (name, value) in try arguments.pairs("conf") {
      guard name.hasPrefix("kafka.") else {
        throw UsageError("--conf \(name): expected a name that starts with kafka.")
      }
      settings[name] = value
    }
    let configuration = KafkaConfiguration(brokers: brokers, settings: settings)
    do {
      try configuration.check()
    } catch {
      throw UsageError("--conf \(error)")
    }
    let rate = try StreamOptions.rate(arguments)
    do {
      publisher = EventPublisher(
        try EventGenerator(try StreamOptions.parameters(arguments)), configuration, topic: topic, rate: rate,
        // With a rate, the number of events ends the run.
        seconds: rate == nil ? try arguments.number("duration") : nil)
    } catch let error as UsageError {
      throw error
    } catch {
      throw UsageError("--\(error)")
    }
    location = "kafka://\(brokers)/\(topic)"
  }

  func run() -> Never { exit(PublishRun(publisher, location: location).run()) }
}

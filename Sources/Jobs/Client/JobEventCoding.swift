import Basics

extension StageProgress: WireCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.count(step)
    writer.count(stage)
    writer.string(name)
    for value in [tasks, running, done, failedAttempts] { writer.count(value) }
    writer.value(metrics)
    writer.double(elapsedSeconds)
    writer.bool(isDone)
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      step: try reader.count(), stage: try reader.count(), name: try reader.string(),
      tasks: try reader.count(), running: try reader.count(), done: try reader.count(),
      failedAttempts: try reader.count(), metrics: try reader.value(),
      elapsedSeconds: try reader.double(), isDone: try reader.bool())
  }
}

extension JobOutcome: WireCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .done: writer.integer(UInt8(0))
    case .failed(let message):
      writer.integer(UInt8(1))
      writer.string(message)
    case .cancelled: writer.integer(UInt8(2))
    }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.integer(UInt8.self) {
    case 0: self = .done
    case 1: self = .failed(try reader.string())
    case 2: self = .cancelled
    case let tag: throw .invalid("job outcome \(tag)")
    }
  }
}

/// `values` is sent as JSON text, as its members depend on the step.
extension StepReport: WireCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.string(output)
    writer.bool(skipped)
    writer.string(JSONText.compact(.object(values)))
    writer.string(text)
    writer.blob(rows)
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    let output = try reader.string()
    let skipped = try reader.bool()
    let json = try reader.string()
    guard case .object(let values)? = try? JSONText.parse(json) else {
      throw .invalid("the values of a step's report are no JSON object")
    }
    self.init(output: output, skipped: skipped, values: values, text: try reader.string())
    rows = try reader.blob()
  }
}

extension JobEvent: WireCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .accepted(let job):
      writer.integer(UInt8(0))
      writer.value(job)
    case .stepStarted(let index, let type, let name):
      writer.integer(UInt8(1))
      writer.count(index)
      writer.string(type)
      writer.string(name)
    case .progress(let stages):
      writer.integer(UInt8(2))
      writer.list(stages)
    case .status(let line):
      writer.integer(UInt8(3))
      writer.string(line)
    case .notice(let line):
      writer.integer(UInt8(4))
      writer.string(line)
    case .stepFinished(let index, let seconds, let report):
      writer.integer(UInt8(5))
      writer.count(index)
      writer.double(seconds)
      writer.value(report)
    case .finished(let outcome):
      writer.integer(UInt8(6))
      writer.value(outcome)
    }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.integer(UInt8.self) {
    case 0: self = .accepted(try reader.value())
    case 1:
      self = .stepStarted(index: try reader.count(), type: try reader.string(), name: try reader.string())
    case 2: self = .progress(try reader.list())
    case 3: self = .status(try reader.string())
    case 4: self = .notice(try reader.string())
    case 5:
      self = .stepFinished(
        index: try reader.count(), seconds: try reader.double(), report: try reader.value())
    case 6: self = .finished(try reader.value())
    case let tag: throw .invalid("job event \(tag)")
    }
  }
}

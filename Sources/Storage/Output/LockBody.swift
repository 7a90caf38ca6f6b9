import Foundation

/// What a lock object of an output holds, as JSON: who wants or has the lock.
struct LockBody: Codable, Hashable, CustomStringConvertible {
  enum State: Hashable {
    /// It asks for the lock; the number changes with every try.
    case attempt(Int)
    /// It has the lock; the number changes with every renewal.
    case renewal(Int)
  }

  var run: String
  var process: Int
  var host: String
  private var attempt: Int?
  private var renewal: Int?

  init(run: String, process: Int, host: String) {
    self.run = run
    self.process = process
    self.host = host
  }

  var state: State {
    get { renewal.map { .renewal($0) } ?? .attempt(attempt ?? 0) }
    set {
      switch newValue {
      case .attempt(let number): (attempt, renewal) = (number, nil)
      case .renewal(let number): (attempt, renewal) = (nil, number)
      }
    }
  }

  /// Whether its run has the lock.
  var isHeld: Bool { renewal != nil }

  var description: String { "run \(run), process \(process) on \(host)" }

  /// nil for other bytes, such as the text of versions before this one.
  init?(json: [UInt8]) {
    guard let body = try? JSONDecoder().decode(LockBody.self, from: Data(json)) else { return nil }
    self = body
  }

  var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Strings and integers always encode.
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }
}

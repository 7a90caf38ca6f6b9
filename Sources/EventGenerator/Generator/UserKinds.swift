import Storage

extension EventGenerator {
  /// Writes `user_id,kind` of every user that has an event, and closes the sink.
  /// - Returns: Users.
  @discardableResult
  func writeKinds(to sink: any ByteSink) throws -> Int {
    var users = 0
    var text = "user_id,kind\n"
    func flush() throws {
      try sink.write(text)
      text.removeAll(keepingCapacity: true)
    }
    try sink.closing {
      try forEachUser { id, kind in
        text += "\(id),\(kind.name)\n"
        users += 1
        if text.utf8.count > 1 << 16 { try flush() }
      }
      try flush()
    }
    return users
  }
}

import Columns

/// A step of a running task: takes batches, passes others on.
package protocol BatchConsumer: AnyObject {
  func consume(_ batch: ColumnBatch) throws
  /// After the last batch: passes on what is left.
  func finish() throws
  /// Whether further rows can make no difference: a LIMIT is reached.
  var isDone: Bool { get }
}

extension BatchConsumer {
  package var isDone: Bool { false }
}

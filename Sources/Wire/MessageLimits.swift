/// Limits on message sizes, all in one place. Senders check them, so no peer is sent a frame that it must reject.
package struct MessageLimits: Hashable, Sendable {
  /// The largest part of a message, in bytes: a stage's parameters, or a task's input or result. Leaves room for the rest of
  /// the message within ``Frame/maximumPayload``.
  package var part = Frame.maximumPayload - (1 << 20)
  /// Target size of a message, in bytes: batches of parts are split at about this size. A single larger part is sent alone.
  package var batch = 32 << 20
  /// A peer gets no more work once this many bytes wait to be sent to it.
  package var unsent = 64 << 20

  /// Maximum number of tasks in a stage, so that the locations of all its map outputs fit into one message.
  package static let tasks = 8 << 20

  package init() {}

  /// Whether adding a part of `bytes` bytes requires a new message.
  package func isFull(_ batch: Int, adding bytes: Int) -> Bool { batch > 0 && batch + bytes > self.batch }
}

/// Limits on the size of messages, all in one place. Senders check them, so no peer is sent a frame that it must reject.
package struct MessageLimits: Hashable, Sendable {
  /// The largest part of a message, in bytes: a stage's parameters, a task's input or result. Leaves room for the rest of
  /// the message within ``Frame/maximumPayload``.
  package var part = Frame.maximumPayload - (1 << 20)
  /// Batches of parts are split into messages of about this size. A single larger part travels alone.
  package var batch = 32 << 20
  /// Bytes waiting for a peer from which on it gets no more work.
  package var unsent = 64 << 20

  /// Tasks of one stage: the locations of that many map outputs fit into a message.
  package static let tasks = 8 << 20

  package init() {}

  /// Whether another part of `bytes` bytes must go into a new message.
  package func isFull(_ batch: Int, adding bytes: Int) -> Bool { batch > 0 && batch + bytes > self.batch }
}

/// Maps elements on several threads, for work that mostly waits (one request each). The caller's thread takes part, so it
/// works even if the system has no thread left.
/// - Returns: The results in the order of the elements.
/// - Throws: The error of the first element, in their order, that failed. Elements after it may not be tried.
package func parallelMap<Element: Sendable, Output: Sendable>(
  _ elements: [Element], threads: Int = 16, _ body: @escaping @Sendable (Element) throws -> Output
) throws -> [Output] {
  let work = ParallelWork(elements, body)
  for _ in 1..<max(1, min(threads, elements.count)) {
    work.monitor.withLock { $0.running += 1 }
    let code = SystemThread.start("parallel") {
      work.run()
      work.monitor.change { $0.running -= 1 }
    }
    if code != 0 {
      work.monitor.withLock { $0.running -= 1 }
      break
    }
  }
  work.run()
  return try work.results()
}

private final class ParallelWork<Element: Sendable, Output: Sendable>: Sendable {
  struct State: Sendable {
    var next = 0
    var running = 0
    var results: [Result<Output, any Error>?]
  }

  private let elements: [Element]
  private let body: @Sendable (Element) throws -> Output
  let monitor: Monitor<State>

  init(_ elements: [Element], _ body: @escaping @Sendable (Element) throws -> Output) {
    self.elements = elements
    self.body = body
    monitor = Monitor(State(results: elements.map { _ in nil }))
  }

  func run() {
    while let index = take() {
      let result = Result { try body(elements[index]) }
      monitor.withLock { state in
        state.results[index] = result
        if case .failure = result { state.next = elements.count }
      }
    }
  }

  private func take() -> Int? {
    monitor.withLock { state in
      guard state.next < elements.count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func results() throws -> [Output] {
    _ = monitor.wait(.seconds(1_000_000_000)) { $0.running == 0 ? true : nil }
    // Elements are taken in order, so everything before a failure was tried.
    return try monitor.withLock { $0.results }.compactMap { try $0?.get() }
  }
}

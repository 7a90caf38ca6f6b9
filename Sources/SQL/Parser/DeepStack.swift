import Glibc

/// Runs work whose recursion follows the nesting of a query on a thread of its own, with a stack that the query's length cannot
/// exhaust. The system gives the stack memory only as it is touched.
enum DeepStack {
  /// libpg_query takes less than 500 bytes of stack for each byte of the query: measured with `1+1+1…`, two bytes a level.
  static func size(for length: Int) -> Int { (128 << 20) + 600 * length }

  static func run<Value>(_ length: Int, _ body: () throws -> Value) throws -> Value {
    try withoutActuallyEscaping(body) { body in
      let work = Work { Result { try body() } }
      var attributes = pthread_attr_t()
      pthread_attr_init(&attributes)
      defer { pthread_attr_destroy(&attributes) }
      pthread_attr_setstacksize(&attributes, size(for: length))
      var thread = pthread_t()
      let code = pthread_create(&thread, &attributes, start, Unmanaged.passUnretained(work).toOpaque())
      guard code == 0 else {
        throw SQLError("no thread to bind the query: \(String(cString: strerror(code)))", line: 1, column: 1)
      }
      pthread_join(thread, nil)
      guard let result = work.result else { throw SQLError("the query was not bound", line: 1, column: 1) }
      work.run = nil
      return try result.get()
    }
  }

  private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    guard let pointer = $0 else { return nil }
    Unmanaged<AnyWork>.fromOpaque(pointer).takeUnretainedValue().perform()
    return nil
  }

  private class AnyWork {
    func perform() {}
  }

  private final class Work<Value>: AnyWork {
    var run: (() -> Result<Value, any Error>)?
    var result: Result<Value, any Error>?

    init(_ run: @escaping () -> Result<Value, any Error>) { self.run = run }

    override func perform() { result = run?() }
  }
}

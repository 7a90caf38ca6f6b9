import CLinux
import Glibc

/// A detached system thread; it ends with its body.
package enum SystemThread {
  /// - Parameter name: Shown by `top -H` and debuggers; the system keeps 15 bytes.
  /// - Returns: An errno if the system has no more threads.
  @discardableResult
  package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let box = Unmanaged.passRetained(Body(name: String(name.prefix(15)), run: body))
    var thread = pthread_t()
    let code = pthread_create(&thread, &attributes, runBody, box.toOpaque())
    if code != 0 { box.release() }
    return code
  }

  private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  private static let runBody: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    pointer in
    guard let pointer else { return nil }
    let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
    pthread_setname_np(pthread_self(), body.name)
    body.run()
    return nil
  }
}

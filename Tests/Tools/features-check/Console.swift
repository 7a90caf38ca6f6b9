import Foundation

enum Console {
  static func error(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
  static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

/// Processor time of this thread: what a measurement on a shared machine should tell.
struct ThreadTime {
  private let start = ThreadTime.now

  var seconds: Double { ThreadTime.now - start }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

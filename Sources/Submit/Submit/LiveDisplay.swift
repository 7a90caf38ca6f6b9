import Foundation
import Synchronization

/// Updates live lines at the bottom of a terminal, with permanent lines above. Can be used from any thread.
package final class LiveDisplay: Sendable {
  private struct State {
    var lines: [String] = []
    var isActive = false
    var isClosed = false
  }

  private let state = Mutex(State())
  private let write: @Sendable (String) -> Void

  package init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  /// Replaces the live lines in one write, so that nothing flickers.
  package func draw(_ lines: [String], permanent: [String] = []) {
    state.withLock { state in
      guard !state.isClosed, !permanent.isEmpty || lines != state.lines else { return }
      // Hide the cursor and turn line wrap off: a wrapped line would break the next redraw.
      var text = state.isActive ? "" : "\u{1B}[?25l"
      state.isActive = true
      text += LiveDisplay.home(state.lines.count) + "\u{1B}[?7l"
      for line in permanent + lines { text += line + "\u{1B}[K\n" }
      write(text + "\u{1B}[J\u{1B}[?7h")
      state.lines = lines
    }
  }

  /// Removes the live lines and restores the terminal; nothing is drawn afterwards. Can be called repeatedly.
  package func close() {
    state.withLock { state in
      if state.isActive { write(LiveDisplay.home(state.lines.count) + "\u{1B}[J\u{1B}[?25h") }
      state = State(isClosed: true)
    }
  }

  private static func home(_ lines: Int) -> String { lines > 0 ? "\u{1B}[\(lines)A\r" : "\r" }

  /// The style of the terminal behind a file descriptor; nil if it is not a terminal.
  package static func style(of descriptor: Int32, environment: [String: String]) -> TextStyle? {
    guard isatty(descriptor) == 1, environment["TERM"] != "dumb" else { return nil }
    var size = winsize()
    let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    return TextStyle(
      width: known ? max(20, Int(size.ws_col)) : 80, height: known ? max(4, Int(size.ws_row)) : 24,
      color: (environment["NO_COLOR"] ?? "").isEmpty,
      unicode: locale.uppercased().contains("UTF-8") || locale.uppercased().contains("UTF8"))
  }
}

import Foundation
import Synchronization

/// Keeps some lines at the bottom of a terminal up to date, with permanent lines above. Any thread.
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
      // Hide the cursor and let no line wrap: a line that wraps is two, and the next redraw would miss it.
      var text = state.isActive ? "" : "\u{1B}[?25l"
      state.isActive = true
      text += LiveDisplay.home(state.lines.count) + "\u{1B}[?7l"
      for line in permanent + lines { text += line + "\u{1B}[K\n" }
      write(text + "\u{1B}[J\u{1B}[?7h")
      state.lines = lines
    }
  }

  /// Removes the live lines and gives the terminal back; nothing is drawn any more. May be called more than once.
  package func close() {
    state.withLock { state in
      if state.isActive { write(LiveDisplay.home(state.lines.count) + "\u{1B}[J\u{1B}[?25h") }
      state = State(isClosed: true)
    }
  }

  private static func home(_ lines: Int) -> String { lines > 0 ? "\u{1B}[\(lines)A\r" : "\r" }

  /// What the terminal behind a file descriptor shows; nil where it is no terminal.
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

import Basics
import CSimdJSON
import Clickstream
import Formats
import Storage
import TestSupport

/// Shows what the scanner finds in a file, a line of tabs for each line that is not blank, or only how long it takes.
enum ScanCommand {
  static func show(_ path: String) throws {
    var text = ""
    try scan(path) { offset, event in
      text +=
        "\(offset + Int64(event.pointee.line_offset))\t\(event.pointee.line_length)\t\(event.pointee.reason)"
      if event.pointee.reason == 0 {
        text += "\t\(event.pointee.type)\t\(event.pointee.timestamp)"
        text += "\t\(hex(event.pointee.user, event.pointee.user_length))"
        text += "\t\(hex(event.pointee.session, event.pointee.session_length))"
        text += "\t\(hex(event.pointee.page, event.pointee.page_length))\t\(event.pointee.is_mobile ? 1 : 0)"
        text += "\t\(event.pointee.duration)\t\(event.pointee.price)\t\(event.pointee.quantity)"
      }
      text += "\n"
    }
    Console.write(text)
  }

  static func measure(_ path: String, rounds: Int) throws {
    let bytes = try ObjectStores.contents(of: path, limit: 4 << 30)
    var scanner = try EventScanner()
    for _ in 0..<rounds {
      var count = 0
      let time = ThreadTime()
      try bytes.withUnsafeBytes { all in
        var rest = all
        while !rest.isEmpty { count += try scanner.scan(&rest).count }
      }
      let seconds = time.seconds
      Console.error(
        "\(count) events, \(bytes.count) bytes, \(seconds) s of processor time, \(Double(bytes.count) / seconds / 1e6) MB/s, "
          + String(cString: swiftlet_scanner_kernels()))
    }
  }

  private static func scan(_ path: String, _ body: (Int64, UnsafeMutablePointer<swiftlet_event>) -> Void)
    throws
  {
    let store = try ObjectStores.store(for: path)
    var scanner = try EventScanner()
    for split in try LineSplits([try store.info(path)], in: store).splits {
      let reader = try LineBlockReader(split: split, store: store)
      while let block = try reader.next() {
        var rest = block.bytes
        while !rest.isEmpty {
          let offset = block.offset + Int64(block.bytes.count - rest.count)
          let events = try scanner.scan(&rest)
          for index in events.indices { body(offset, events.baseAddress! + index) }
        }
      }
    }
  }

  private static func hex(_ bytes: UnsafePointer<UInt8>?, _ length: UInt32) -> String {
    guard let bytes else { return "-" }
    return "x" + UnsafeBufferPointer(start: bytes, count: Int(length)).hexadecimal
  }
}

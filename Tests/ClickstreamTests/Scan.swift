import CSimdJSON
import Clickstream
import TestSupport
import Testing

/// Scans text that ends where its memory ends, so that a sanitizer finds reads past it, with every kernel that this CPU has; all of
/// them must find the same.
func scan(_ text: [UInt8]) throws -> [ScannedLine] {
  let reference = try #require(try scan(text, with: SWIFTLET_PLAIN_REFERENCE))
  for kernel in [SWIFTLET_PLAIN_AVX2, SWIFTLET_PLAIN_AVX512] {
    guard let found = try scan(text, with: kernel) else { continue }
    #expect(found == reference, "kernel \(kernel.rawValue)")
    // The last lines are not scanned as plain ones, since nothing after them may be read; before a blank line, they are.
    let blank = [0x0a] + [UInt8](repeating: 0x20, count: 200)
    #expect(try scan(text + blank, with: kernel) == reference, "kernel \(kernel.rawValue), blank line")
  }
  return reference
}

/// - Returns: nil if this CPU does not have the kernel.
private func scan(_ text: [UInt8], with kernel: swiftlet_plain_kernel) throws -> [ScannedLine]? {
  guard var scanner = try EventScanner(plainLinesBy: kernel) else { return nil }
  return try scanner.lines(of: text)
}

func scan(_ text: String) throws -> [ScannedLine] { try scan(Array(text.utf8)) }

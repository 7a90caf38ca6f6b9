import Foundation

enum Console {
  static func error(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
  static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

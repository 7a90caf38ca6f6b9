import CFuzzer
import Foundation
import FuzzTargets

// fuzz --list | fuzz --seeds TARGET FOLDER | fuzz TARGET [libFuzzer's options and folders]

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("fuzz: \(message)\n".utf8))
  exit(2)
}

func target(_ name: String?) -> FuzzTarget {
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    fail("expected a target: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
  }
  return target
}

let variable = "SWIFTLET_FUZZ_TARGET"

/// Set once, before the first input.
nonisolated(unsafe) var current: FuzzTarget?

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "--list":
  for target in FuzzTarget.all { print(target.name, target.longest) }
case "--seeds":
  guard arguments.count == 3, let folder = arguments.last else { fail("expected --seeds TARGET FOLDER") }
  for (index, seed) in try target(arguments.dropFirst().first).seeds().enumerated() {
    try Data(seed).write(to: URL(fileURLWithPath: folder).appendingPathComponent("seed-\(index)"))
  }
default:
  // To merge corpora, libFuzzer restarts itself with only its own options. The child processes read the target from here.
  let isChild = arguments.first?.hasPrefix("-") == true
  current = target(isChild ? ProcessInfo.processInfo.environment[variable] : arguments.first)
  setenv(variable, current?.name ?? "", 1)
  // Remove the target name; the remaining arguments are libFuzzer's.
  var strings = ([CommandLine.arguments[0]] + arguments.dropFirst(isChild ? 0 : 1)).map { strdup($0) } + [nil]
  var count = Int32(strings.count - 1)
  let code = strings.withUnsafeMutableBufferPointer { strings in
    var pointer = strings.baseAddress
    guard pointer != nil else { return Int32(2) }
    return withUnsafeMutablePointer(to: &pointer) { pointer in
      pointer.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.self, capacity: 1) {
        argv in
        LLVMFuzzerRunDriver(&count, argv) { data, size in
          let input = Array(UnsafeBufferPointer(start: data, count: size))
          do {
            try current?.check(input)
          } catch {
            FileHandle.standardError.write(Data("FINDING: \(error)\n".utf8))
            abort()
          }
          return 0
        }
      }
    }
  }
  exit(code)
}

import Formats
import Foundation
import Glibc
import Storage
import Wire

let usage = """
  usage: s3-check list URI [setting=value…]
         s3-check cat URI [setting=value…]     the object to stdout
         s3-check put URI [setting=value…]     stdin to the object
         s3-check append URI [setting=value…]  stdin as one more file of the output folder, named by its length
         s3-check conform URI [setting=value…] what the store does for each operation
  What it took goes to stderr, as JSON.
  """

func fail(_ message: String, code: Int32) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(code)
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else { fail(usage, code: 2) }
let uri = arguments[1]
let settings = Settings(
  Dictionary(
    arguments.dropFirst(2).map { argument in
      guard let equals = argument.firstIndex(of: "=") else { fail(usage, code: 2) }
      return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }
  ) { $1 })

/// KiB of memory at the most, as the kernel counts it.
func peak() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
  return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? -1
}

func report(_ bytes: Int64, since start: ContinuousClock.Instant) {
  let seconds = start.duration(to: .now) / .seconds(1)
  let line = "{\"bytes\": \(bytes), \"seconds\": \(seconds), \"peakKiB\": \(peak())}\n"
  FileHandle.standardError.write(Data(line.utf8))
}

func list() throws {
  for object in try InputFolder.list(uri, settings: settings) {
    FileHandle.standardOutput.write(Data("\(object.size)\t\(object.uri)\n".utf8))
  }
}

/// As a task reads: in order, a block at a time.
func cat(_ start: ContinuousClock.Instant) throws {
  let store = try ObjectStores.store(for: uri, settings: settings)
  let source = PlainSource(try store.open(try store.info(uri)))
  let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
  defer { block.deallocate() }
  while case let count = try source.read(into: block), count > 0 {
    var done = 0
    while done < count {
      let written = Glibc.write(STDOUT_FILENO, block.baseAddress.map { $0 + done }, count - done)
      if written <= 0 { fail("stdout: cannot be written", code: 1) }
      done += written
    }
  }
  report(source.bytesConsumed, since: start)
}

func put(_ start: ContinuousClock.Instant) throws {
  let sink = try ObjectStores.sink(for: uri, settings: settings)
  let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
  defer { block.deallocate() }
  var bytes: Int64 = 0
  while case let count = Glibc.read(STDIN_FILENO, block.baseAddress, block.count), count > 0 {
    try sink.write(UnsafeRawBufferPointer(rebasing: block[..<count]))
    bytes += Int64(count)
  }
  try sink.close()
  report(bytes, since: start)
}

/// A run that adds a file to an output, as an ingest does.
func append() throws {
  let bytes = Array(FileHandle.standardInput.readDataToEndOfFile())
  let committer = try OutputCommitter(output: uri, run: "append", settings: settings)
  defer { committer.abort() }
  try committer.begin()
  let name = "dt=2025-04-01/part-\(bytes.count).jsonl"
  let file = try committer.stage(name: name, bytes: bytes, rows: 1)
  var manifest = Manifest(step: "append", program: StepProgram(version: 1), parameters: [:], inputs: [])
  manifest.extra = ["runs": "\(1 + ((committer.previous?.extra["runs"]).flatMap { Int($0) } ?? 0))"]
  try committer.publish(files: [file], manifest: manifest, appends: true)
}

do {
  switch arguments[0] {
  case "list": try list()
  case "cat": try cat(.now)
  case "put": try put(.now)
  case "append": try append()
  case "conform": try conform(uri, settings: settings)
  default: fail(usage, code: 2)
  }
} catch {
  fail("\(error)", code: 1)
}
// The I/O thread still runs: no destructor of a library may run beside it.
_exit(0)

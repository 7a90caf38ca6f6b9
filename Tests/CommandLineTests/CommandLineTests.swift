import Basics
import CommandLine
import Testing

@Suite struct CommandLineTests {
  let command = Command(
    "swift-try", summary: "Tries things.", positional: "job.json",
    options: [
      .option("master", "MASTER", default: "local[*]", help: "Where the job runs."),
      .list("set", "NAME=VALUE", help: "Sets a variable."),
      .option("cores", "N", help: "Cores."), .option("memory", "SIZE", help: "Memory."),
      .option("listen", "HOST:PORT", help: "Address."), .flag("json", help: "Prints JSON."),
    ], example: "swift-try --json job.json")

  func run(_ arguments: String...) throws -> CommandArguments {
    guard case .run(let parsed) = try command.parse(arguments) else { throw UsageError("not a run") }
    return parsed
  }

  func message(_ arguments: String...) -> String {
    do {
      _ = try command.parse(arguments)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func valuesFlagsAndPositionals() throws {
    let parsed = try run("--set", "a=1", "job.json", "--set=b=x=y", "--json", "--cores=4", "--memory", "2g")
    #expect(parsed.values("set") == ["a=1", "b=x=y"])
    #expect(try parsed.pairs("set").map { "\($0.name)|\($0.value)" } == ["a|1", "b|x=y"])
    #expect(try parsed.onePositional() == "job.json")
    #expect(parsed.flag("json"))
    #expect(try parsed.integer("cores") == 4)
    #expect(try parsed.bytes("memory") == 2 << 30)
    #expect(parsed.value("master") == "local[*]")
    #expect(throws: UsageError("--listen is missing")) { try parsed.endpoint("listen") }
    #expect(try run("--master", "a", "--master=b").value("master") == "b")
    #expect(try run("--", "--json").positional == ["--json"])
    #expect(try run("--set=").values("set") == [""])
  }

  @Test func mistakes() throws {
    #expect(message("--mastre", "x") == "unknown option '--mastre'; did you mean '--master'?")
    #expect(message("--zzzzzz") == "unknown option '--zzzzzz'")
    #expect(message("-x") == "unknown option '-x'")
    #expect(message("--cores") == "--cores needs a value: --cores N")
    #expect(message("--cores", "--json") == "--cores needs a value: --cores N")
    #expect(message("--json=yes") == "--json takes no value, found 'yes'")
    let parsed = try run("--cores", "-5", "--memory=2x", "--listen=nowhere", "--set", "=1", "a", "b")
    #expect(throws: UsageError("--cores: expected an integer from 1 to 64, found '-5'")) {
      try parsed.integer("cores", in: 1...64)
    }
    #expect(throws: UsageError("--cores: expected an integer ≥ 0, found '-5'")) {
      try parsed.integer("cores")
    }
    #expect(throws: UsageError("--memory: expected a size such as 512m or 2g, found '2x'")) {
      try parsed.bytes("memory")
    }
    #expect(throws: UsageError("--listen: address \"nowhere\": expected HOST:PORT")) {
      try parsed.endpoint("listen")
    }
    #expect(throws: UsageError("--set: expected NAME=VALUE, found '…'")) { _ = try parsed.pairs("set") }
    #expect(throws: UsageError("expected one job.json, also found 'b'")) { try parsed.onePositional() }
    #expect(throws: UsageError("job.json is missing")) { try run().onePositional() }
    #expect(throws: UsageError("--listen is missing")) { try run().required("listen") }
    let bare = Command("swift-bare", summary: "Bare.", options: [], example: "swift-bare")
    #expect(throws: UsageError("unexpected argument 'x'; swift-bare takes only options")) {
      try bare.parse(["x"])
    }
  }

  @Test func helpIsAlignedAndWrapped() throws {
    guard case .help = try command.parse(["job.json", "--help"]) else {
      Issue.record("--help is not seen")
      return
    }
    guard case .version = try command.parse(["--version"]) else {
      Issue.record("--version is not seen")
      return
    }
    let help = command.help(width: 60)
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.count <= 60 })
    #expect(lines.contains("  --master MASTER     Where the job runs. Default: local[*]."))
    #expect(lines.contains("  --set NAME=VALUE    Sets a variable. May be repeated."))
    #expect(lines.contains("Usage: swift-try [options] job.json"))
    #expect(help.hasSuffix("Example:\n  swift-try --json job.json\n"))
  }

  @Test(arguments: [("64k", 65536), ("512M", 512 << 20), ("2GiB", 2 << 30), ("17", 17), ("1tb", 1 << 40)])
  func sizes(text: String, bytes: Int) { #expect(ByteSize.parse(text) == bytes) }

  @Test(arguments: ["", "g", "-1", "1.5g", "9999999999g", "99999999999999999999", "2 g"])
  func wrongSizes(text: String) { #expect(ByteSize.parse(text) == nil) }

  @Test func nearestNames() {
    let names = ["clusters", "columns", "idColumn", "input", "output"]
    #expect(Nearest.name(to: "cluster", among: names) == "clusters")
    #expect(Nearest.name(to: "clutsers", among: names) == "clusters")
    #expect(Nearest.name(to: "IDCOLUMN", among: names) == "idColumn")
    #expect(Nearest.name(to: "inptu", among: names) == "input")
    #expect(Nearest.name(to: "zebra", among: names) == nil)
    #expect(Nearest.name(to: "", among: names) == nil)
  }
}

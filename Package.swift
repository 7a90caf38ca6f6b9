// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The arrows between targets point one way (docs/architecture.md); a target can import only what is listed here.
// Generic code of the lower targets is specialized where the upper ones use it.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

func library(_ name: String, _ dependencies: [Target.Dependency], embedding folder: String? = nil) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: folder.map { [.embedInCode($0)] },
    swiftSettings: strict)
}

func command(_ name: String, _ dependencies: [Target.Dependency] = ["CommandLine", "Submit"]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func example(_ name: String) -> Target {
  .executableTarget(
    name: name, dependencies: ["Swiftlet"], path: "Examples/\(name)", swiftSettings: strict)
}

let package = Package(
  name: "swiftlet",
  products: [
    .library(name: "Swiftlet", targets: ["Swiftlet"]),
    .executable(name: "swift-submit", targets: ["swift-submit"]),
    .executable(name: "swift-driver", targets: ["swift-driver"]),
    .executable(name: "swift-worker", targets: ["swift-worker"]),
    .executable(name: "swift-events", targets: ["swift-events"]),
  ],
  targets: [
    // C libraries of the system, each imported by one Swift target.
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlidec", providers: [.apt(["libbrotli-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .systemLibrary(
      name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    // Thin shims and kernels: C and C++ only where Swift cannot call the library or cannot dispatch on the CPU.
    .target(name: "CXXHash"),
    .target(name: "CLinux"),
    .target(
      name: "CSimdJSON", cxxSettings: [.unsafeFlags(["-O3"])],
      linkerSettings: [.linkedLibrary("simdjson")]),
    // Linked statically: a program that starts loads two libraries less.
    .target(
      name: "CRE2", cxxSettings: [.unsafeFlags(["-O2"])],
      linkerSettings: [.unsafeFlags(["-Xlinker", "-l:libre2.a"])]),
    .target(name: "CPgQuery", linkerSettings: [.unsafeFlags(["-Xlinker", "-l:libpg_query.a"])]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off"])]),

    // The driver's page and the description of its API, inside the program: files become bytes.
    .target(name: "CWebPage", exclude: ["page"]),

    // Ground: what every target may use.
    library("Basics", ["CXXHash", "CLinux"]),
    library("Wire", ["Basics"]),

    // Platform: deciding (pure), connections, stores.
    library("Engine", ["Basics", "Wire"]),
    library("OpenSSL", ["CCrypto"]),
    library("Transport", ["Basics", "Wire", "OpenSSL", "CLinux", "CSSL"]),
    library("HTTP", ["Basics", "Transport", "CMicroHTTPD"]),
    library("Storage", ["Basics", "Wire", "OpenSSL", "CLinux", "CCurl", "CExpat"]),
    library("Kafka", ["Basics", "Wire", "CRdKafka"]),

    // Data: column batches, and the file formats that make them.
    library("Columns", ["Basics"]),
    library(
      "Formats",
      [
        "Basics", "Wire", "Storage", "Columns", "CLinux", "CKernels", "CZstd", "CZlib", "CBzip2", "CLzma",
        "CSnappy", "CLZ4", "CBrotli",
      ]),
    // Partitioning, hash tables, merging within memory: under every aggregation, sort and join. Its API is public, because
    // the compiler (Swift 6.3) never inlines or specializes `package` declarations in other targets.
    library("Shuffle", ["Basics", "Wire", "Engine", "Columns", "Formats", "CKernels"]),

    // Queries: typed expressions, functions, plans and their operators over column batches.
    library(
      "Query",
      ["Basics", "Wire", "Engine", "OpenSSL", "Storage", "Columns", "Formats", "Shuffle", "CLinux", "CRE2"]),
    // SQL: PostgreSQL's grammar, names and types resolved, plans.
    library("SQL", ["Basics", "Wire", "Engine", "Storage", "Columns", "Formats", "Query", "CPgQuery"]),

    // Steps: what job files may ask for.
    library("Jobs", ["Basics", "Wire", "Engine", "Storage"]),
    library(
      "Clickstream",
      [
        "Basics", "Wire", "Engine", "Storage", "Kafka", "Columns", "Formats", "Shuffle", "Jobs", "CSimdJSON",
        "CKernels",
      ],
      embedding: "Spark"),
    library(
      "KMeans", ["Basics", "Wire", "Engine", "Storage", "Columns", "Formats", "Jobs", "CKernels"],
      embedding: "Spark"),
    // The query step, the tables of job files, presets.
    library(
      "Queries",
      ["Basics", "Wire", "Engine", "Storage", "Columns", "Formats", "Query", "SQL", "Jobs"],
      embedding: "Presets/SQL"),
    library("EventGenerator", ["Basics", "Wire", "Storage", "Kafka", "Formats"]),

    // Shells: threads, sockets, processes, terminals.
    library("CommandLine", ["Basics", "Wire", "Transport"]),
    library("Telemetry", ["Basics", "Wire", "Engine", "Transport", "Jobs", "CommandLine"]),
    library("Driver", ["Basics", "Wire", "Engine", "Transport", "Jobs", "CommandLine", "Telemetry"]),
    library("Worker", ["Basics", "Wire", "Engine", "Transport", "Storage", "CommandLine", "CLinux"]),
    library(
      "WebUI",
      ["Basics", "Wire", "Transport", "HTTP", "Jobs", "CommandLine", "Telemetry", "Driver", "CWebPage"],
      embedding: "API/components.json"),
    // Jobs as programs for Apache Spark. What one kind of step needs is in that step's folder `Spark`.
    library("SparkProgram", ["Basics", "Wire", "Jobs", "CommandLine"], embedding: "Program"),
    library(
      "Submit",
      [
        "Basics", "Wire", "Engine", "Transport", "Storage", "Columns", "Formats", "Query", "SQL", "Jobs",
        "Clickstream", "KMeans", "Queries", "CommandLine", "Telemetry", "Driver", "Worker", "WebUI",
        "SparkProgram",
      ]),
    // For jobs of one's own: `import Swiftlet`, and nothing else.
    library(
      "Swiftlet",
      [
        "Basics", "Wire", "Engine", "Storage", "Columns", "Formats", "Shuffle", "Jobs", "CommandLine",
        "Submit",
      ]),
    example("WordCount"),
    example("TopPages"),
    example("JoinExample"),
    example("Primes"),

    command("swift-submit"),
    command("swift-driver"),
    command("swift-worker"),
    command("swift-events", ["Basics", "Wire", "Storage", "CommandLine", "Kafka", "EventGenerator"]),
    // For `scripts/bench noop-tasks`.
    .executableTarget(
      name: "NoOpTasks", dependencies: ["Swiftlet"], path: "bench/NoOpTasks", swiftSettings: strict),
    // For the checks against other readers and writers of Parquet in Tests/Integration.
    .executableTarget(
      name: "parquet-check", dependencies: ["Storage", "Columns", "Formats"],
      path: "Tests/Tools/parquet-check",
      swiftSettings: strict),
    // For the checks of tables of files against other readers in Tests/Integration.
    .executableTarget(
      name: "table-check", dependencies: ["Basics", "Wire", "Storage", "Columns", "Formats"],
      path: "Tests/Tools/table-check", swiftSettings: strict),
    // For the checks against S3 servers.
    .executableTarget(
      name: "s3-check", dependencies: ["Basics", "Wire", "Storage", "Formats"], path: "Tests/Tools/s3-check",
      swiftSettings: strict
    ),
    // For the checks of user features against plain Python and DuckDB in Tests/Integration.
    .executableTarget(
      name: "features-check",
      dependencies: [
        "Basics", "Wire", "Engine", "Storage", "Formats", "Jobs", "Clickstream", "CSimdJSON", "TestSupport",
      ],
      path: "Tests/Tools/features-check", swiftSettings: strict),
    // For the checks against scikit-learn.
    .executableTarget(
      name: "kmeans-check",
      dependencies: ["Basics", "Wire", "Engine", "Storage", "Jobs", "KMeans", "TestSupport"],
      path: "Tests/Tools/kmeans-check", swiftSettings: strict),
    // Driver and worker with points at which the suite of faults in Tests/Integration/chaos holds them.
    .executableTarget(
      name: "chaos-node",
      dependencies: [
        "Basics", "Wire", "Engine", "Transport", "Jobs", "Clickstream", "KMeans", "CommandLine", "Worker",
        "Submit", "TestSupport", "chaos-clock",
      ],
      path: "Tests/Tools/chaos-node", swiftSettings: strict),
    .target(name: "chaos-clock", path: "Tests/Tools/chaos-clock"),

    // Thousands of seeded runs of a whole cluster on a virtual clock: docs/simulator.md.
    .target(
      name: "Simulator", dependencies: ["Basics", "Engine", "Wire"], path: "Tests/Simulator",
      swiftSettings: strict),
    .executableTarget(
      name: "simulate", dependencies: ["Simulator"], path: "Tests/Tools/simulate", swiftSettings: strict),

    // What must be so of any bytes from outside, for CorpusTests and for libFuzzer: docs/fuzzing.md.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Basics", "Wire", "Engine", "Storage", "Transport", "HTTP", "Columns", "Formats", "Jobs",
        "Clickstream",
        "KMeans", "CommandLine", "Telemetry", "Driver", "Worker", "WebUI", "Submit", "Swiftlet", "CSimdJSON",
        "Shuffle", "TestSupport",
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: strict),
    tests("CorpusTests", ["FuzzTargets"]),

    // Fakes, stores and random numbers that several test targets share.
    .target(
      name: "TestSupport",
      dependencies: ["Basics", "Wire", "Engine", "Storage", "Formats", "Jobs", "Clickstream", "CSimdJSON"],
      path: "Tests/TestSupport", swiftSettings: strict),

    tests("WireTests", ["Basics", "Wire", "TestSupport"]),
    tests("EngineTests", ["Basics", "Engine", "Wire", "Simulator"]),
    tests("TransportTests", ["Basics", "Transport", "OpenSSL", "Wire", "TestSupport"]),
    tests("StorageTests", ["Basics", "Storage", "OpenSSL", "Wire", "TestSupport"]),
    tests("ColumnsTests", ["Basics", "Columns", "TestSupport"]),
    tests("FormatsTests", ["Basics", "Storage", "Columns", "Formats", "TestSupport"]),
    tests("ShuffleTests", ["Basics", "Wire", "Engine", "Shuffle", "TestSupport"]),
    tests("QueryTests", ["Basics", "Columns", "Shuffle", "Query", "TestSupport"]),
    tests("SQLTests", ["Basics", "Columns", "Formats", "Query", "SQL"]),
    tests("KafkaTests", ["Basics", "Kafka", "Wire", "CRdKafka"]),
    tests(
      "ClickstreamTests",
      [
        "Basics", "Wire", "Engine", "Storage", "Columns", "Formats", "Jobs", "Clickstream", "CSimdJSON",
        "TestSupport",
      ]),
    tests(
      "KMeansTests",
      [
        "Basics", "Wire", "Engine", "Storage", "Columns", "Formats", "Jobs", "KMeans", "CKernels",
        "TestSupport",
      ]),
    tests("EventGeneratorTests", ["Basics", "Storage", "EventGenerator", "TestSupport"]),
    tests(
      "SwiftletTests",
      ["Basics", "Wire", "Engine", "Storage", "Jobs", "Worker", "Submit", "Swiftlet", "TestSupport"]),
    tests("JobsTests", ["Basics", "Wire", "Jobs", "TestSupport"]),
    tests("CommandLineTests", ["Basics", "Wire", "CommandLine"]),
    tests("TelemetryTests", ["Basics", "Wire", "Engine", "Jobs", "Telemetry", "TestSupport"]),
    tests(
      "DriverTests",
      ["Basics", "Wire", "Engine", "Transport", "Jobs", "Telemetry", "Driver", "Worker", "TestSupport"]),
    tests("WorkerTests", ["Basics", "Wire", "Engine", "Transport", "Worker", "TestSupport"]),
    tests("WebUITests", ["Basics", "Wire", "HTTP", "Telemetry", "WebUI", "TestSupport"]),
    tests(
      "SubmitTests",
      [
        "Basics", "Wire", "Engine", "Transport", "Storage", "Jobs", "CommandLine", "Telemetry", "Driver",
        "Worker",
        "SparkProgram", "Submit", "TestSupport",
      ]),
  ],
  cLanguageStandard: .c17,
  cxxLanguageStandard: .cxx17
)

// Links only with the flags of scripts/fuzz.
if ProcessInfo.processInfo.environment["SWIFTLET_FUZZ"] != nil {
  package.targets += [
    .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets", "CFuzzer"], path: "Tests/Fuzz/Runner", swiftSettings: strict
    ),
  ]
}

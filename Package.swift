// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The arrows between targets point one way (docs/architecture.md); a target can import only what is listed here.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func command(_ name: String, _ dependencies: [Target.Dependency] = ["Cluster"]) -> Target {
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
    .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .systemLibrary(
      name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    // Thin shims and kernels: C and C++ only where Swift cannot call the library or cannot dispatch on the CPU.
    .target(name: "CXXHash"),
    .target(name: "CLinux"),
    .target(
      name: "CSimdJSON", cxxSettings: [.unsafeFlags(["-O3"])],
      linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off"])]),

    // The driver's page and the description of its API, inside the program: files become bytes.
    .target(name: "CWebPage", exclude: ["page"]),

    library("Wire", ["CXXHash"]),
    library("Engine", ["Wire"]),
    library("OpenSSL", ["CCrypto"]),
    library("Transport", ["Wire", "OpenSSL", "CLinux", "CSSL"]),
    library("HTTP", ["CMicroHTTPD", "Transport"]),
    library("Storage", ["Wire", "OpenSSL", "CLinux", "CZstd", "CZlib", "CSnappy", "CCurl"]),
    library("Kafka", ["Wire", "CRdKafka"]),
    library("Workloads", ["Wire", "Engine", "Storage", "Kafka", "CSimdJSON", "CKernels"]),
    // Jobs as programs for Apache Spark; the Python files go into the binary as they are.
    .target(
      name: "SparkProgram",
      resources: ["common", "features", "segment", "main"].map { .embedInCode("Program/\($0).py") },
      swiftSettings: strict),
    library(
      "Cluster",
      [
        "Wire", "Engine", "Transport", "HTTP", "Storage", "Kafka", "Workloads", "SparkProgram", "CLinux",
        "CWebPage",
      ]),
    // For jobs of one's own: `import Swiftlet`, and nothing else.
    library("Swiftlet", ["Cluster", "Workloads", "Storage", "Engine", "Wire"]),
    example("WordCount"),
    example("TopPages"),
    example("JoinExample"),
    example("Primes"),

    command("swift-submit"),
    command("swift-driver"),
    command("swift-worker"),
    command("swift-events", ["Cluster", "Workloads", "Kafka", "Storage", "Wire"]),
    // For `scripts/bench noop-tasks`.
    .executableTarget(
      name: "NoOpTasks", dependencies: ["Swiftlet"], path: "bench/NoOpTasks", swiftSettings: strict),
    // For the checks against other readers and writers of Parquet in Tests/Integration.
    .executableTarget(
      name: "parquet-check", dependencies: ["Storage"], path: "Tests/Tools/parquet-check",
      swiftSettings: strict),
    // For the checks against S3 servers.
    .executableTarget(
      name: "s3-check", dependencies: ["Storage", "Wire"], path: "Tests/Tools/s3-check", swiftSettings: strict
    ),
    // For the checks of user features against plain Python and DuckDB in Tests/Integration.
    .executableTarget(
      name: "features-check", dependencies: ["Workloads", "Engine", "Storage", "Wire", "CSimdJSON"],
      path: "Tests/Tools/features-check", swiftSettings: strict),
    // For the checks against scikit-learn.
    .executableTarget(
      name: "kmeans-check", dependencies: ["Workloads", "Engine", "Storage", "Wire"],
      path: "Tests/Tools/kmeans-check", swiftSettings: strict),
    // Driver and worker with points at which the suite of faults in Tests/Integration/chaos holds them.
    .executableTarget(
      name: "chaos-node",
      dependencies: ["Cluster", "Workloads", "Engine", "Transport", "Wire", "chaos-clock"],
      path: "Tests/Tools/chaos-node", swiftSettings: strict),
    .target(name: "chaos-clock", path: "Tests/Tools/chaos-clock"),

    // Thousands of seeded runs of a whole cluster on a virtual clock: docs/simulator.md.
    .target(
      name: "Simulator", dependencies: ["Engine", "Wire"], path: "Tests/Simulator", swiftSettings: strict),
    .executableTarget(
      name: "simulate", dependencies: ["Simulator"], path: "Tests/Tools/simulate", swiftSettings: strict),

    // What must be so of any bytes from outside, for CorpusTests and for libFuzzer: docs/fuzzing.md.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Swiftlet", "Cluster", "Workloads", "Engine", "Storage", "Transport", "HTTP", "Wire", "CSimdJSON",
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: strict),
    tests("CorpusTests", ["FuzzTargets"]),

    tests("WireTests", ["Wire"]),
    tests("EngineTests", ["Engine", "Wire", "Simulator"]),
    tests("TransportTests", ["Transport", "OpenSSL", "Wire"]),
    tests("StorageTests", ["Storage", "OpenSSL", "Wire"]),
    tests("KafkaTests", ["Kafka", "Wire", "CRdKafka"]),
    tests("WorkloadsTests", ["Workloads", "Engine", "Storage", "Wire", "CKernels", "CSimdJSON"]),
    tests("SwiftletTests", ["Swiftlet", "Cluster", "Storage", "Engine", "Wire"]),
    tests("ClusterTests", ["Cluster", "Workloads", "Engine", "Storage", "Transport", "HTTP", "Wire"]),
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

// Runs jobs on Apache Spark.
import Foundation
import Jobs
import Wire

/// Hands a program to `spark-submit` and follows its events.
package struct SparkClient: JobClient {
  /// As `spark-submit --master` takes it.
  private let master: String
  private let registry: StepRegistry

  package init(_ master: String, steps: StepRegistry) {
    self.master = master
    registry = steps
  }

  package func submit(
    _ job: String, name: String, force: Bool, onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws -> any JobHandle {
    let job = try ResolvedJob(json: job, registry: registry)
    let program = try SparkJob(job).program
    let folder = try SparkClient.folder()
    let process = Process()
    do {
      let file = folder.appendingPathComponent("job.py")
      try Data(program.utf8).write(to: file)
      process.executableURL = try SparkClient.sparkSubmit()
      process.arguments = arguments(name, job.settings) + [file.path]
      return try SparkRun(process, folder: folder, steps: job.steps, onEvent: onEvent)
    } catch {
      try? FileManager.default.removeItem(at: folder)
      throw error
    }
  }

  /// Settings that start with `spark.` are passed to Spark; it does not know the others.
  private func arguments(_ name: String, _ settings: Settings) -> [String] {
    var conf = settings.under(SettingKey.sparkPrefix)
    if case .some(let threads) = SparkClient.threads(master), conf["sql.shuffle.partitions"] == nil {
      // Spark's default of 200 suits clusters; on one machine most partitions would be empty.
      conf["sql.shuffle.partitions"] = "\(2 * threads)"
    }
    let pairs = conf.sorted { $0.key < $1.key }
      .flatMap { ["--conf", "\(SettingKey.sparkPrefix)\($0.key)=\($0.value)"] }
    return ["--master", master, "--name", name] + pairs
  }

  private static func threads(_ master: String) -> Int? {
    guard master.hasPrefix("local[") else { return nil }
    return Int(master.dropFirst("local[".count).dropLast())
  }

  /// Readable by this user only: a job may contain private names.
  private static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("swiftlet-spark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    return folder
  }

  private static func sparkSubmit() throws(SparkError) -> URL {
    let environment = ProcessInfo.processInfo.environment
    var folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    if let home = environment["SPARK_HOME"] { folders.insert(home + "/bin", at: 0) }
    for folder in folders {
      let path = folder + "/spark-submit"
      if FileManager.default.isExecutableFile(atPath: path) { return URL(fileURLWithPath: path) }
    }
    throw .noSparkSubmit
  }
}

/// Why a job could not be started on Spark.
package enum SparkError: Error, Hashable, Sendable, CustomStringConvertible {
  case noSparkSubmit

  package var description: String {
    "spark-submit is neither in SPARK_HOME/bin nor on PATH; install Spark 4, or 'pip install pyspark'"
  }
}

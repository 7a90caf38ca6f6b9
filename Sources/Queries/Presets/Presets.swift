import Basics
import Formats

/// Queries that turn the raw exports of other tools into the event schema: the files of jobs/events/, in the program.
package enum Presets {
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("amplitude", PackageResources.amplitude_sql),
    ("cloudfront", PackageResources.cloudfront_sql),
    ("ga4", PackageResources.ga4_sql),
    ("kaggle", PackageResources.kaggle_sql),
    ("matomo", PackageResources.matomo_sql),
    ("mixpanel", PackageResources.mixpanel_sql),
    ("posthog", PackageResources.posthog_sql),
    ("retailrocket", PackageResources.retailrocket_sql),
    ("rudderstack", PackageResources.rudderstack_sql),
    ("segment", PackageResources.segment_sql),
    ("snowplow", PackageResources.snowplow_sql),
  ]

  package static let names: [String] = files.map(\.name)

  /// The query; it reads from a table called `raw`.
  package static func sql(_ name: String) -> String? {
    files.first { $0.name.hasSameBytes(as: name) }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// How the files behind `raw` are read, unless the table says otherwise.
  package static func options(_ name: String) throws -> FileTableOptions {
    try sql(name).map { try PresetOptions($0).options } ?? FileTableOptions()
  }
}

// docs/openapi.json, made from the operations: swift-driver --print-openapi > docs/openapi.json
import Basics
import Telemetry
import Wire

package enum OpenAPI {
  /// The OpenAPI 3.1 document, with a trailing newline.
  package static let text = JSONText.pretty(document) + "\n"

  private static var document: JSONValue {
    [
      "openapi": "3.1.0",
      "info": [
        "title": "Swiftlet driver", "version": "1",
        "description":
          "Jobs and cluster of a swift-driver with --http. Reading needs no token; changes do. Within /api/v1, paths and members stay; new members may be added.",
        "license": ["name": "MIT", "identifier": "MIT"],
      ],
      "servers": [["url": "/"]],
      "tags": .array(OperationDescription.Tag.allCases.map { ["name": .string($0.rawValue)] }),
      "paths": .object(paths), "components": .object(components),
    ]
  }

  private static var paths: [String: JSONValue] {
    var paths: [String: [String: JSONValue]] = [:]
    for operation in WebOperation.all {
      guard let description = operation.description else { continue }
      paths[operation.path, default: [:]][operation.method.rawValue] = description.json(operation.method)
    }
    return paths.mapValues { .object($0) }
  }

  /// The schemas of the file, and those that follow from types.
  private static var components: [String: JSONValue] {
    guard
      case .object(var components)? = try? JSONText.parse(
        String(decoding: PackageResources.components_json, as: UTF8.self)),
      case .object(var schemas)? = components["schemas"]
    else { return [:] }
    schemas["JobID"] = ["type": "string", "pattern": .string(JobID.pattern)]
    schemas["JobState"] = [
      "type": "string", "enum": .array(JobRecord.State.allCases.map { .string($0.rawValue) }),
    ]
    components["schemas"] = .object(schemas)
    return components
  }
}

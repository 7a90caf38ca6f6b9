import Basics
import Storage
import Wire

/// The JSON schema (draft 2020-12) of job files, made from the fields of the steps. Editors complete and check with it.
/// It accepts every file that the decoder accepts. Mistakes that a schema cannot express (undefined variables, outputs
/// inside inputs) are found by the decoder only.
package enum JobSchema {
  /// The text of `jobs/job.schema.json`, with a trailing newline.
  package static func text(_ registry: StepRegistry) -> String {
    JSONText.pretty(schema(registry)) + "\n"
  }

  private static let variable: JSONValue = [
    "type": "string", "pattern": #"\$\{"#, "description": "A string that contains ${variables}.",
  ]

  private static func schema(_ registry: StepRegistry) -> JSONValue {
    let plain: JSONValue = ["type": ["string", "number", "boolean"]]
    var definitions: [String: JSONValue] = [:]
    for type in registry.types { definitions[type.type] = step(type) }
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "Swiftlet job file",
      "type": "object",
      "additionalProperties": false,
      "required": ["steps"],
      "properties": [
        "$schema": [
          "type": "string", "description": "Path or URL of this schema, for editors; Swiftlet ignores it.",
        ],
        "name": ["type": "string", "minLength": 1, "description": "Display name of the job."],
        "variables": [
          "type": "object", "additionalProperties": plain,
          "propertyNames": ["pattern": "^[A-Za-z0-9_.-]+$"],
          "description": "Values of ${name} in the strings of the file; --vars and --set override them.",
        ],
        "conf": settings,
        "tables": [
          "type": "object", "additionalProperties": table,
          "description": "Tables that steps and queries may name: files, or SQL over other tables.",
        ],
        "steps": [
          "type": "array", "minItems": 1, "description": "The steps, in the order in which they run.",
          "items": .object([
            "type": "object", "required": ["type"],
            "properties": [
              "type": [
                "enum": .array(registry.names.map { .string($0) }), "description": "The kind of step.",
              ]
            ],
            "oneOf": .array(registry.names.map { ["$ref": .string("#/$defs/\($0)")] }),
          ]),
        ],
      ],
      "$defs": .object(definitions),
    ]
  }

  /// Values may be given as text, like those of variables.
  private static var settings: JSONValue {
    var properties: [String: JSONValue] = [:]
    for key in SettingKey.known {
      let kind: JSONValue =
        switch key.kind {
        case .text: ["minLength": 1]
        case .flag: ["enum": [true, false, "true", "false"]]
        case .integer(let range):
          [
            "anyOf": [
              .object([
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
              ]), ["type": "string", "pattern": "^[0-9]+$"],
            ]
          ]
        case .choice(let choices): ["enum": .array(choices.map { .string($0) })]
        }
      guard case .object(var members) = kind else { continue }
      if key.kind == .text {
        members["type"] = ["string", "number", "boolean"]
      } else {
        members = ["anyOf": [.object(members), variable]]
      }
      members["description"] = .string(key.help)
      properties[key.name] = .object(members)
    }
    return [
      "type": "object", "additionalProperties": false, "properties": .object(properties),
      "patternProperties": ["^(kafka|spark)\\..": ["type": ["string", "number", "boolean"]]],
      "description":
        "Settings of the engine; --conf replaces them. Names with kafka. go to librdkafka, with spark. to Spark.",
    ]
  }

  private static var table: JSONValue {
    [
      "type": "object", "additionalProperties": false,
      "properties": .object(properties(TableDefinition.fields)),
    ]
  }

  private static func properties(_ fields: [Field]) -> [String: JSONValue] {
    var properties: [String: JSONValue] = [:]
    for field in fields {
      guard case .object(var members) = kind(field.kind) else { continue }
      if !acceptsAnyString(field.kind) { members = ["anyOf": [.object(members), variable]] }
      members["description"] = .string(field.help)
      if let value = field.defaultValue { members["default"] = value }
      properties[field.name] = .object(members)
    }
    return properties
  }

  private static func step(_ type: any Step.Type) -> JSONValue {
    var properties = properties(type.fields)
    properties["type"] = ["const": .string(type.type), "description": "The kind of step."]
    properties["name"] = ["type": "string", "minLength": 1, "description": "Display name of the step."]
    let required = ["type"] + type.fields.filter(\.isRequired).map(\.name)
    return [
      "type": "object", "description": .string(type.help), "additionalProperties": false,
      "required": .array(required.map { .string($0) }), "properties": .object(properties),
    ]
  }

  /// Whether any string is valid, so that no alternative for variables is needed.
  private static func acceptsAnyString(_ kind: FieldKind) -> Bool {
    switch kind {
    case .string, .uri, .strings, .uris, .object, .contents: true
    case .either(let first, let second): acceptsAnyString(first) || acceptsAnyString(second)
    default: false
    }
  }

  private static func kind(_ kind: FieldKind) -> JSONValue {
    switch kind {
    case .string: ["type": "string"]
    case .uri: ["type": "string", "minLength": 1]
    case .date: ["type": "string", "pattern": #"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"#]
    case .bool: ["type": "boolean"]
    case .integer(let min, let max):
      range("integer", min.map { .integer($0) }, max.map { .integer($0) })
    case .number(let min, let max):
      range("number", min.map { .number($0) }, max.map { .number($0) })
    case .strings: ["type": "array", "items": ["type": "string"]]
    case .uris:
      [
        "anyOf": [
          ["type": "string", "minLength": 1],
          ["type": "array", "minItems": 1, "items": ["type": "string", "minLength": 1]],
        ]
      ]
    case .object: ["type": "object"]
    case .contents: ["type": "string", "minLength": 1]
    case .choice(let choices): ["enum": .array(choices.map { .string($0) })]
    case .either(let first, let second): ["anyOf": [self.kind(first), self.kind(second)]]
    }
  }

  private static func range(_ type: String, _ min: JSONValue?, _ max: JSONValue?) -> JSONValue {
    var members: [String: JSONValue] = ["type": .string(type)]
    members["minimum"] = min
    members["maximum"] = max
    return .object(members)
  }
}

// How openapi.json describes one operation.
import Basics

struct OperationDescription: Sendable {
  enum Tag: String, Sendable, CaseIterable { case jobs, cluster, operation }

  struct Parameter: Sendable {
    let json: JSONValue

    private init(_ name: String, in location: String, schema: String, _ description: String) {
      var members: [String: JSONValue] = [
        "name": .string(name), "in": .string(location), "schema": reference(schema),
        "description": .string(description),
      ]
      if location == "path" { members["required"] = true }
      json = .object(members)
    }

    static let id = Parameter("id", in: "path", schema: "JobID", "The job's id.")
    static let state = Parameter("state", in: "query", schema: "JobState", "Only jobs in this state.")
    static let job = Parameter("job", in: "query", schema: "JobID", "Also sends the changes of this job.")
  }

  struct Response: Sendable {
    let status: Int
    let json: JSONValue

    static func json(_ status: Int, _ description: String, _ schema: String) -> Response {
      Response(status: status, json: answer(description, "application/json", reference(schema)))
    }

    static func created(_ status: Int, _ description: String, _ schema: String, location: String) -> Response
    {
      guard case .object(var members) = Response.json(status, description, schema).json else {
        return Response.json(status, description, schema)
      }
      members["headers"] = ["Location": ["schema": ["type": "string"], "description": .string(location)]]
      return Response(status: status, json: .object(members))
    }

    static func text(_ status: Int, _ description: String, _ type: String = "text/plain") -> Response {
      Response(status: status, json: answer(description, type, ["type": "string"]))
    }

    private static func shared(_ status: Int, _ name: String) -> Response {
      Response(status: status, json: ["$ref": .string("#/components/responses/\(name)")])
    }

    static let invalid = shared(400, "Invalid")
    static let unauthorized = shared(401, "Unauthorized")
    static let readOnly = shared(403, "ReadOnly")
    static let notFound = shared(404, "NotFound")
    static let conflict = shared(409, "Conflict")
    static let tooLarge = shared(413, "TooLarge")
    static let unavailable = shared(503, "Unavailable")

    static func answer(_ description: String, _ type: String, _ schema: JSONValue) -> JSONValue {
      ["description": .string(description), "content": [type: ["schema": schema]]]
    }
  }

  let id: String
  let tag: Tag
  let summary: String
  var details: String?
  var parameters: [Parameter] = []
  /// The schema of the request's body.
  var body: String?
  let responses: [Response]

  func json(_ method: WebOperation.Method) -> JSONValue {
    var members: [String: JSONValue] = [
      "tags": [.string(tag.rawValue)], "operationId": .string(id), "summary": .string(summary),
      // What changes something is a POST and needs the token.
      "security": method == .post ? [["token": []]] : [],
      "responses": .object(
        Dictionary(responses.map { ("\($0.status)", $0.json) }) { first, _ in first }),
    ]
    if let details { members["description"] = .string(details) }
    if !parameters.isEmpty { members["parameters"] = .array(parameters.map(\.json)) }
    if let body {
      members["requestBody"] = [
        "required": true, "content": ["application/json": ["schema": reference(body)]],
      ]
    }
    return .object(members)
  }
}

/// A reference to one of the document's schemas.
func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(schema)")] }

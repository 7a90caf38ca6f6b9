// The operations of the API, each in one entry. To add one, add its entry here and its answer to WebResponder.

extension WebOperation {
  static let all: [WebOperation] = [
    .get(
      "/api/v1/jobs", "listJobs", .jobs, "Lists jobs, newest first.", parameters: [.state],
      responses: [.json(200, "The jobs.", "Jobs"), .invalid]
    ) { input throws(WebError) in .jobs(try input.state()) },
    .post(
      "/api/v1/jobs", "submitJob", .jobs, "Submits a job, which runs on without its client.",
      details: "Idempotent by id: the same content under the same id is one job, however often it is sent.",
      body: "JobRequest",
      responses: [
        .created(201, "The job was accepted.", "Job", location: "Path of the job."),
        .json(200, "The same job was submitted before; its current state.", "Job"), .invalid,
        .unauthorized, .readOnly, .conflict, .tooLarge, .unavailable,
      ]
    ) { _ in .submit },
    .get(
      "/api/v1/jobs/{id}", "getJob", .jobs, "Shows a job.", parameters: [.id],
      responses: [.json(200, "The job.", "Job"), .invalid, .notFound]
    ) { input throws(WebError) in .job(try input.job()) },
    .post(
      "/api/v1/jobs/{id}/cancel", "cancelJob", .jobs, "Asks a job to stop.",
      details:
        "Repeating it, or cancelling a finished job, changes nothing. The job's state shows when it has stopped.",
      parameters: [.id],
      responses: [
        .json(202, "The request was accepted; the job's state at that moment.", "JobReference"), .invalid,
        .unauthorized, .readOnly, .notFound,
      ]
    ) { input throws(WebError) in .cancel(try input.job()) },
    .get(
      "/api/v1/jobs/{id}/logs", "getJobLogs", .jobs, "Shows the log of a job.", parameters: [.id],
      responses: [.json(200, "The last 500 lines.", "JobLines"), .invalid, .notFound]
    ) { input throws(WebError) in .logs(try input.job()) },
    .page("/api/v1/jobs/{id}/detail") { input throws(WebError) in .detail(try input.job()) },
    .get(
      "/api/v1/cluster", "getCluster", .cluster, "Shows the workers, and counts since the driver started.",
      responses: [.json(200, "The cluster.", "Cluster")]
    ) { _ in .cluster },
    .get(
      "/api/v1/events", "getEvents", .cluster,
      "Server-sent events for the page: `cluster`, and with a job also `job`, about once a second while something changes.",
      parameters: [.job], responses: [.text(200, "An endless stream.", "text/event-stream"), .invalid]
    ) { input throws(WebError) in .events(try input.optionalJob()) },
    .page("/api/v1/openapi.json") { _ in .description },
    .get(
      "/healthz", "getHealth", .operation, "Whether the process answers.",
      responses: [.text(200, "It does.")]
    ) { _ in .health },
    .get(
      "/readyz", "getReadiness", .operation, "Whether the driver accepts jobs and workers.",
      responses: [.text(200, "It does."), .text(503, "It is stopping.")]
    ) { _ in .ready },
    .get(
      "/metrics", "getMetrics", .operation, "Metrics in the Prometheus text format.",
      responses: [.text(200, "The metrics.")]
    ) { _ in .metrics },
  ]

  private typealias Route = @Sendable (Input) throws(WebError) -> WebRoute

  /// A request of the page itself.
  private static func page(_ path: String, _ route: @escaping Route) -> WebOperation {
    WebOperation(method: .get, path: path, route: route)
  }

  private static func get(
    _ path: String, _ id: String, _ tag: OperationDescription.Tag, _ summary: String,
    parameters: [OperationDescription.Parameter] = [], responses: [OperationDescription.Response],
    _ route: @escaping Route
  ) -> WebOperation {
    let description = OperationDescription(
      id: id, tag: tag, summary: summary, parameters: parameters, responses: responses)
    return WebOperation(method: .get, path: path, description: description, route: route)
  }

  private static func post(
    _ path: String, _ id: String, _ tag: OperationDescription.Tag, _ summary: String, details: String,
    parameters: [OperationDescription.Parameter] = [], body: String? = nil,
    responses: [OperationDescription.Response], _ route: @escaping Route
  ) -> WebOperation {
    let description = OperationDescription(
      id: id, tag: tag, summary: summary, details: details, parameters: parameters, body: body,
      responses: responses)
    return WebOperation(method: .post, path: path, description: description, route: route)
  }
}

// The operations of the API, each in one entry. To add one, add its entry here and its answer to WebResponder.

extension WebOperation {
  static let all: [WebOperation] = [
    WebOperation(
      .get, "/api/v1/jobs",
      OperationDescription(
        "listJobs", .jobs, "Lists jobs, newest first.", parameters: [.state],
        responses: [.json(200, "The jobs.", "Jobs"), .invalid])
    ) { input throws(WebError) in .jobs(try input.state()) },
    WebOperation(
      .post, "/api/v1/jobs",
      OperationDescription(
        "submitJob", .jobs, "Submits a job, which runs on without its client.",
        details: "Idempotent by id: the same content under the same id is one job, however often it is sent.",
        body: "JobRequest",
        responses: [
          .created(201, "The job was accepted.", "Job", location: "Path of the job."),
          .json(200, "The same job was submitted before; its current state.", "Job"), .invalid,
          .unauthorized, .readOnly, .conflict, .tooLarge, .unavailable,
        ])
    ) { _ in .submit },
    WebOperation(
      .get, "/api/v1/jobs/{id}",
      OperationDescription(
        "getJob", .jobs, "Shows a job.", parameters: [.id],
        responses: [.json(200, "The job.", "Job"), .invalid, .notFound])
    ) { input throws(WebError) in .job(try input.job()) },
    WebOperation(
      .post, "/api/v1/jobs/{id}/cancel",
      OperationDescription(
        "cancelJob", .jobs, "Asks a job to stop.",
        details:
          "Repeating it, or cancelling a finished job, changes nothing. The job's state shows when it has stopped.",
        parameters: [.id],
        responses: [
          .json(202, "The request was accepted; the job's state at that moment.", "JobReference"), .invalid,
          .unauthorized, .readOnly, .notFound,
        ])
    ) { input throws(WebError) in .cancel(try input.job()) },
    WebOperation(
      .get, "/api/v1/jobs/{id}/logs",
      OperationDescription(
        "getJobLogs", .jobs, "Shows the log of a job.", parameters: [.id],
        responses: [.json(200, "The last 500 lines.", "JobLines"), .invalid, .notFound])
    ) { input throws(WebError) in .logs(try input.job()) },
    WebOperation(.get, "/api/v1/jobs/{id}/detail", nil) { input throws(WebError) in .detail(try input.job())
    },
    WebOperation(
      .get, "/api/v1/cluster",
      OperationDescription(
        "getCluster", .cluster, "Shows the workers, and counts since the driver started.",
        responses: [.json(200, "The cluster.", "Cluster")])
    ) { _ in .cluster },
    WebOperation(
      .get, "/api/v1/events",
      OperationDescription(
        "getEvents", .cluster,
        "Server-sent events for the page: `cluster`, and with a job also `job`, about once a second while something changes.",
        parameters: [.job], responses: [.text(200, "An endless stream.", "text/event-stream"), .invalid])
    ) { input throws(WebError) in .events(try input.optionalJob()) },
    WebOperation(.get, "/api/v1/openapi.json", nil) { _ in .description },
    WebOperation(
      .get, "/healthz",
      OperationDescription(
        "getHealth", .operation, "Whether the process answers.", responses: [.text(200, "It does.")])
    ) { _ in .health },
    WebOperation(
      .get, "/readyz",
      OperationDescription(
        "getReadiness", .operation, "Whether the driver accepts jobs and workers.",
        responses: [.text(200, "It does."), .text(503, "It is stopping.")])
    ) { _ in .ready },
    WebOperation(
      .get, "/metrics",
      OperationDescription(
        "getMetrics", .operation, "Metrics in the Prometheus text format.",
        responses: [.text(200, "The metrics.")])
    ) { _ in .metrics },
  ]
}

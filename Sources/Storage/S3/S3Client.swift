import Basics
import Foundation
import Synchronization
import Wire

/// Sends S3 requests: signs them, retries them, and turns failures into errors that say what to do. Any thread; blocking except for
/// ``start(_:)``.
package final class S3Client: Sendable {
  package let configuration: S3Configuration
  private let chain: CredentialChain
  let loop: HTTPLoop

  package init(
    _ settings: Settings, _ surroundings: S3Configuration.Surroundings = .process()
  ) throws(StorageError) {
    let configuration = try S3Configuration(settings, surroundings)
    self.configuration = configuration
    let loop = try HTTPLoop(
      concurrent: configuration.connections, version: configuration.version,
      certificates: configuration.certificates)
    self.loop = loop
    // A loop of its own: requests in the loop above wait for credentials.
    let own = try HTTPLoop(concurrent: 1, version: .http1, certificates: configuration.certificates)
    let http = CredentialHTTP { request throws(HTTPFailure) in try own.start(request).wait() }
    chain = configuration.credentials(settings, surroundings, http)
  }

  /// Starts a request; see ``S3Call``.
  func start(_ request: S3Request) -> S3Call { S3Call(request, self) }

  func send(_ request: S3Request) throws(StorageError) -> ClientResponse { try start(request).finish() }

  func credentials() throws(StorageError) -> Credentials {
    do {
      return try chain.credentials()
    } catch let error as StorageError {
      throw error
    } catch {
      throw .transient(location: "S3 credentials", message: "\(error)")
    }
  }

  func discard(_ credentials: Credentials) { chain.discard(credentials) }

  func signed(_ request: S3Request, _ credentials: Credentials) throws(StorageError) -> ClientRequest {
    let (host, path) = configuration.address(bucket: request.bucket, key: request.key)
    let query = PercentEncoding.query(request.query)
    let time = SigningTime.text(Int64(Date().timeIntervalSince1970))
    var headers =
      request.headers + [("Host", host), ("x-amz-date", time), ("x-amz-content-sha256", request.bodyHash)]
    if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token)) }
    let signature = Signature(
      region: configuration.region, service: "s3", accessKey: credentials.accessKey,
      secretKey: credentials.secretKey)
    guard
      let authorization = signature.authorization(
        method: request.method, path: path, query: query, headers: headers, payloadHash: request.bodyHash,
        time: time)
    else {
      throw .transient(location: request.location, message: "the request cannot be signed: out of memory")
    }
    headers.append(("Authorization", authorization))
    // A line break would start another header.
    guard headers.allSatisfy({ !$0.value.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 } }) else {
      throw .invalid(location: request.location, message: "a header or a credential contains a line break")
    }
    var limits = ClientLimits()
    limits.silenceSeconds = request.patience
    return ClientRequest(
      method: request.method,
      url: "\(configuration.scheme)://\(host)\(path)" + (query.isEmpty ? "" : "?\(query)"), headers: headers,
      body: request.body, target: request.target, limits: limits)
  }

  // MARK: - Shared clients

  private static let clients = Mutex<[(settings: Settings, client: S3Client)]>([])
  private static let mostClients = 8

  /// The client for a job's settings. Equal settings share connections and credentials.
  package static func shared(_ settings: Settings) throws(StorageError) -> S3Client {
    let own = Settings(settings.values.filter { $0.key.hasPrefix("s3.") })
    if let known = clients.withLock({ clients in clients.first { $0.settings == own }?.client }) {
      return known
    }
    let client = try S3Client(own)
    return clients.withLock { clients in
      if let known = clients.first(where: { $0.settings == own }) { return known.client }
      clients.insert((own, client), at: 0)
      if clients.count > mostClients { clients.removeLast() }
      return client
    }
  }
}

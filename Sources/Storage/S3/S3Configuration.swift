import Basics
import Foundation
import Wire

/// How the S3 server is reached: from the job's settings, then the environment, then the shared AWS files, then the defaults of AWS.
package struct S3Configuration: Hashable, Sendable {
  /// `http` or `https`.
  package let scheme: String
  /// Host, and port if it is not the scheme's default.
  package let host: String
  /// Prefix of every path; empty or `/prefix`.
  package let basePath: String
  package let region: String
  /// Whether the bucket is in the path instead of the host name.
  package let isPathStyle: Bool
  package let connections: Int
  package let retry: RetryPolicy
  package let partBytes: Int
  /// Seconds without renewal after which a lock counts as abandoned.
  package let lockSeconds: Double
  let version: HTTPVersion
  /// File of trusted TLS authorities; nil for the system's.
  package let certificates: String?

  /// Sources of settings besides the job.
  package struct Surroundings: Sendable {
    package var environment: [String: String]
    package var config: ProfileFile?
    package var credentials: ProfileFile?

    package init(environment: [String: String], config: ProfileFile? = nil, credentials: ProfileFile? = nil) {
      self.environment = environment
      self.config = config
      self.credentials = credentials
    }

    /// The sources of this process.
    package static func process() -> Surroundings {
      let environment = ProcessInfo.processInfo.environment
      let home = environment["HOME"] ?? NSHomeDirectory()
      func file(_ variable: String, _ name: String) -> ProfileFile? {
        let path = environment[variable] ?? "\(home)/.aws/\(name)"
        let full = path.hasPrefix("~/") ? home + path.dropFirst() : path
        return (try? String(contentsOfFile: full, encoding: .utf8)).map { ProfileFile(text: $0) }
      }
      return Surroundings(
        environment: environment, config: file("AWS_CONFIG_FILE", "config"),
        credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"))
    }

    /// - Returns: The profile, and whether a setting or variable names it.
    package func profile(_ settings: Settings) -> (profile: Profile, isNamed: Bool) {
      let given = [settings["s3.profile"], environment["AWS_PROFILE"], environment["AWS_DEFAULT_PROFILE"]]
      let named = given.compactMap { $0 }.first { !$0.isEmpty }
      let profile = Profile(named ?? "default", config: config, credentials: credentials)
      return (profile, named != nil)
    }
  }

  package init(_ settings: Settings, _ surroundings: Surroundings) throws(StorageError) {
    func first(_ values: String?...) -> String? { values.compactMap { $0 }.first { !$0.isEmpty } }
    let environment = surroundings.environment
    let profile = surroundings.profile(settings).profile.values
    region =
      first(
        settings["s3.region"], environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"], profile["region"]
      )
      ?? "us-east-1"
    guard region.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }) else {
      throw .invalid(location: "S3 region '\(region)'", message: "expected letters, digits and '-'")
    }
    let endpoint = first(
      settings["s3.endpoint"], environment["AWS_ENDPOINT_URL_S3"], environment["AWS_ENDPOINT_URL"],
      profile["endpoint_url"])
    if let endpoint {
      (scheme, host, basePath) = try S3Configuration.parse(endpoint)
    } else {
      scheme = "https"
      host = "s3.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
      basePath = ""
    }
    isPathStyle = settings["s3.pathStyle"].map { $0 == "true" } ?? (endpoint != nil)
    connections = settings["s3.connections"].flatMap { Int($0) } ?? 16
    retry = RetryPolicy(budget: .seconds(settings["s3.retrySeconds"].flatMap { Int($0) } ?? 120))
    partBytes = settings["s3.partBytes"].flatMap { Int($0) } ?? 8 << 20
    lockSeconds = settings["s3.lockSeconds"].flatMap { Double($0) } ?? 60
    version = settings["s3.http"] == "2" ? .http2 : .http1
    guard version == .http1 || scheme == "https" else {
      throw .invalid(location: "s3.http", message: "HTTP 2 requires an https endpoint")
    }
    certificates = first(environment["AWS_CA_BUNDLE"], profile["ca_bundle"])
  }

  /// `http://host:port/prefix`
  private static func parse(_ text: String) throws(StorageError) -> (String, String, String) {
    // The text may hold a password by mistake: it is not shown.
    func wrong(_ message: String) -> StorageError {
      .invalid(location: "S3 endpoint", message: message + "; expected a URL such as http://127.0.0.1:9000")
    }
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw wrong("has no scheme") }
    let scheme = parts[0].lowercased()
    guard scheme == "http" || scheme == "https" else { throw wrong("has an unknown scheme") }
    let rest = parts[1]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var host = rest[..<slash].lowercased()
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      !host.contains(where: { "@?#\\".contains($0) })
    else { throw wrong("has no plain host") }
    for port in [":80", ":443"] where host.hasSuffix(port) && (port == ":80") == (scheme == "http") {
      host.removeLast(port.count)
    }
    var path = String(rest[slash...])
    while path.hasSuffix("/") { path.removeLast() }
    guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !path.contains(where: { "?#".contains($0) })
    else {
      throw wrong("has a query")
    }
    return (scheme, host, path)
  }

  /// The address for a request.
  /// - Parameter key: Empty for the bucket itself.
  /// - Returns: Host, and encoded path.
  package func address(bucket: String, key: String) -> (host: String, path: String) {
    let encoded = PercentEncoding.encode(key, keepingSlashes: true)
    // As part of a host name, a bucket with dots matches no certificate, and one with capitals is invalid.
    let fits = bucket.utf8.allSatisfy { $0 == 0x2D || 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 }
    if isPathStyle || !fits {
      return (host, "\(basePath)/\(PercentEncoding.encode(bucket))" + (key.isEmpty ? "" : "/\(encoded)"))
    }
    return ("\(bucket).\(host)", "\(basePath)/\(encoded)")
  }

  /// The sources of credentials, in the order of the AWS tools.
  func credentials(_ settings: Settings, _ surroundings: Surroundings, _ http: CredentialHTTP)
    -> CredentialChain
  {
    let environment = surroundings.environment
    let (profile, isNamed) = surroundings.profile(settings)
    var sources: [any CredentialSource] = [SettingsCredentials(settings)]
    // A profile in the job's settings wins over the environment.
    if settings["s3.profile"] == nil {
      sources.append(EnvironmentCredentials(environment))
      if let source = webIdentity(
        environment["AWS_WEB_IDENTITY_TOKEN_FILE"], environment["AWS_ROLE_ARN"],
        environment["AWS_ROLE_SESSION_NAME"], environment, http)
      {
        sources.append(source)
      }
    }
    sources.append(ProfileCredentials(profile, isNamed: isNamed))
    if let source = webIdentity(
      profile.values["web_identity_token_file"], profile.values["role_arn"],
      profile.values["role_session_name"], environment, http)
    {
      sources.append(source)
    }
    if let source = ContainerCredentials(environment, http: http) {
      sources.append(source)
    } else if let source = InstanceCredentials(environment, http: http) {
      sources.append(source)
    }
    return CredentialChain(sources)
  }

  private func webIdentity(
    _ file: String?, _ role: String?, _ session: String?, _ environment: [String: String],
    _ http: CredentialHTTP
  ) -> WebIdentity? {
    guard let file, let role, !file.isEmpty, !role.isEmpty else { return nil }
    var endpoint =
      environment["AWS_ENDPOINT_URL_STS"]
      ?? "https://sts.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    return WebIdentity(
      tokenFile: file, role: role, session: session ?? "swiftlet", endpoint: endpoint, http: http)
  }
}

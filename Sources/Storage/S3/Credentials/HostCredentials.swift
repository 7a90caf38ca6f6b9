import Basics
import Foundation

/// Credentials from the container agent: ECS, and EKS pod identity.
struct ContainerCredentials: CredentialSource {
  let name = "the container's credentials endpoint"
  let url: String
  let token: String?
  let tokenFile: String?
  let http: CredentialHTTP

  /// nil if the environment names no endpoint.
  init?(_ environment: [String: String], http: CredentialHTTP) {
    if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], !path.isEmpty {
      url = "http://169.254.170.2" + (path.hasPrefix("/") ? path : "/" + path)
    } else if let full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], !full.isEmpty {
      url = full
    } else {
      return nil
    }
    token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    tokenFile = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
    self.http = http
  }

  func load() throws -> Credentials? {
    guard ContainerCredentials.isTrusted(url) else {
      throw StorageError.invalid(
        location: url, message: "\(name) must use https, unless it is on this machine or its container host")
    }
    var request = ClientRequest(method: "GET", url: url, limits: CredentialHTTP.nearby)
    var token = token
    if let tokenFile { token = try CredentialHTTP.token(file: tokenFile) }
    if let token {
      guard !token.contains(where: \.isNewline) else {
        throw StorageError.invalid(location: name, message: "the authorization token contains a line break")
      }
      request.headers.append(("Authorization", token))
    }
    return try http.credentials(request, location: "\(name) \(url)", source: name)
  }

  /// The token must not be sent unencrypted to other machines.
  private static func isTrusted(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return true }
    guard url.hasPrefix("http://") else { return false }
    let host = url.dropFirst("http://".count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let name = host.hasPrefix("[") ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
    return ["localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"].contains(String(name))
      || name.hasPrefix("127.") && name.allSatisfy { $0.isNumber || $0 == "." }
  }
}

/// Credentials from the instance metadata service of EC2, version 2.
struct InstanceCredentials: CredentialSource {
  let name = "the instance metadata service"
  let endpoint: String
  let http: CredentialHTTP

  /// nil if the environment disables it.
  init?(_ environment: [String: String], http: CredentialHTTP) {
    if environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" { return nil }
    endpoint = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
    self.http = http
  }

  func load() throws -> Credentials? {
    var base = endpoint
    while base.hasSuffix("/") { base.removeLast() }
    // One attempt: outside of EC2 nothing answers, and this is the last source.
    var ask = ClientRequest(
      method: "PUT", url: base + "/latest/api/token",
      headers: [("X-aws-ec2-metadata-token-ttl-seconds", "21600")], limits: CredentialHTTP.nearby)
    guard let answer = try? http.request(ask), answer.isSuccess else { return nil }
    let token = String(decoding: answer.body, as: UTF8.self)
    ask.method = "GET"
    ask.headers = [("X-aws-ec2-metadata-token", token)]
    let folder = base + "/latest/meta-data/iam/security-credentials/"
    ask.url = folder
    let roles = try http.send(ask, name)
    if roles.status == 404 { return nil }
    let role = String(decoding: roles.body, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
    guard roles.isSuccess, !role.isEmpty else {
      throw StorageError.invalid(location: name, message: "HTTP \(roles.status) instead of a role")
    }
    ask.url = folder + PercentEncoding.encode(String(role))
    return try http.credentials(ask, location: "\(name), role \(role)", source: name)
  }
}

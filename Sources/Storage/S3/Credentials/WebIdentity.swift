import Basics
import Foundation

/// Exchanges a token in a file, as written by Kubernetes, for keys at STS.
struct WebIdentity: CredentialSource {
  let name = "web identity"
  let tokenFile: String
  let role: String
  let session: String
  /// `https://sts.eu-west-1.amazonaws.com`
  let endpoint: String
  let http: CredentialHTTP

  func load() throws -> Credentials? {
    let token = try CredentialHTTP.token(file: tokenFile, for: name)
    let query = PercentEncoding.query([
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
      ("RoleSessionName", session), ("WebIdentityToken", token),
    ])
    let response = try http.send(
      ClientRequest(
        method: "POST", url: endpoint + "/",
        headers: [("Content-Type", "application/x-www-form-urlencoded")], body: ByteBlock(query.utf8),
        limits: CredentialHTTP.remote), "\(name): \(endpoint)")
    let document = try? XMLElement(response.body)
    guard response.isSuccess,
      let result = document?["AssumeRoleWithWebIdentityResult"]?["Credentials"]
    else {
      let error = document?["Error"]
      throw StorageError.invalid(
        location: "\(name): role \(role)",
        message: "STS at \(endpoint) refused: \(error?["Code"]?.text ?? "HTTP \(response.status)") "
          + "\(error?["Message"]?.text ?? "")")
    }
    guard let access = result["AccessKeyId"]?.text, let secret = result["SecretAccessKey"]?.text else {
      throw StorageError.corrupt(location: "\(name): \(endpoint)", message: "sent a response without keys")
    }
    return Credentials(
      accessKey: access, secretKey: secret, sessionToken: result["SessionToken"]?.text,
      expiration: CredentialHTTP.date(result["Expiration"]?.text), source: name)
  }
}

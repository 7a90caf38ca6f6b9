import Wire

/// Credentials from the job's settings.
package struct SettingsCredentials: CredentialSource {
  package let name = "the settings s3.accessKeyId and s3.secretAccessKey"
  let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package func load() throws -> Credentials? {
    switch (settings["s3.accessKeyId"], settings["s3.secretAccessKey"]) {
    case (let access?, let secret?):
      return Credentials(
        accessKey: access, secretKey: secret, sessionToken: settings["s3.sessionToken"], source: name)
    case (nil, nil): return nil
    default: throw StorageError.invalid(location: name, message: "only one of them is set")
    }
  }
}

/// Credentials from `AWS_ACCESS_KEY_ID` and related variables.
package struct EnvironmentCredentials: CredentialSource {
  package let name = "the environment"
  let environment: [String: String]

  package init(_ environment: [String: String]) { self.environment = environment }

  package func load() throws -> Credentials? {
    let access = environment["AWS_ACCESS_KEY_ID"] ?? ""
    let secret = environment["AWS_SECRET_ACCESS_KEY"] ?? ""
    if access.isEmpty, secret.isEmpty { return nil }
    guard !access.isEmpty, !secret.isEmpty else {
      let missing = access.isEmpty ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"
      throw StorageError.invalid(location: name, message: "\(missing) is missing, the other one is set")
    }
    let token = environment["AWS_SESSION_TOKEN"] ?? ""
    return Credentials(
      accessKey: access, secretKey: secret, sessionToken: token.isEmpty ? nil : token, source: name)
  }
}

/// Keys in the shared AWS files.
package struct ProfileCredentials: CredentialSource {
  let profile: Profile
  /// Whether a setting or variable names the profile; then it must exist.
  let isNamed: Bool

  package init(_ profile: Profile, isNamed: Bool) {
    self.profile = profile
    self.isNamed = isNamed
  }

  package var name: String { "the profile '\(profile.name)' of the shared AWS files" }

  package func load() throws -> Credentials? {
    guard profile.exists else {
      if isNamed { throw StorageError.invalid(location: name, message: "neither file contains this profile") }
      return nil
    }
    let values = profile.values
    if let access = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] {
      return Credentials(
        accessKey: access, secretKey: secret, sessionToken: values["aws_session_token"], source: name)
    }
    // An error, because the next source may be another account.
    for key in ["source_profile", "credential_source", "sso_session", "sso_start_url", "credential_process"]
    where values[key] != nil {
      throw StorageError.invalid(
        location: name,
        message: "'\(key)' is not supported; put temporary keys into the environment instead: "
          + "eval \"$(aws configure export-credentials --profile \(profile.name) --format env)\"")
    }
    if isNamed, values["web_identity_token_file"] == nil {
      throw StorageError.invalid(
        location: name, message: "has no aws_access_key_id with aws_secret_access_key")
    }
    return nil
  }
}

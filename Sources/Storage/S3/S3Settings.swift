import Wire

/// The settings of a job that say how S3 is reached.
enum S3Settings {
  static let keys = [
    SettingKey(
      name: "s3.endpoint", kind: .text,
      help: "URL of the S3 server, such as http://127.0.0.1:9000; else AWS_ENDPOINT_URL_S3, else Amazon's."),
    SettingKey(
      name: "s3.region", kind: .text,
      help: "Region that requests are signed for; else AWS_REGION, else that of the profile, else us-east-1."),
    SettingKey(
      name: "s3.pathStyle", kind: .flag,
      help: "Bucket in the path and not in the host name. Default: true with an endpoint, false without."),
    SettingKey(name: "s3.profile", kind: .text, help: "Profile of the shared AWS files; else AWS_PROFILE."),
    SettingKey(
      name: "s3.accessKeyId", kind: .text,
      help: "Access key; with s3.secretAccessKey it goes before every other source of credentials."),
    SettingKey(name: "s3.secretAccessKey", kind: .text, help: "Secret of s3.accessKeyId."),
    SettingKey(name: "s3.sessionToken", kind: .text, help: "Session token of temporary credentials."),
    SettingKey(
      name: "s3.connections", kind: .integer(1...256),
      help: "Requests at a time from one process. Default: 16."),
    SettingKey(
      name: "s3.retrySeconds", kind: .integer(0...86_400),
      help: "How long one request is tried again after errors that may pass. Default: 120."),
    SettingKey(
      name: "s3.lockSeconds", kind: .integer(3...3600),
      help: "How long the lock of a run that died keeps others from an output. Default: 60."),
    SettingKey(
      name: "s3.partBytes", kind: .integer(5 << 20...1 << 30),
      help: "Size of the parts of an upload; larger objects get larger ones. Default: 8388608."),
    SettingKey(
      name: "s3.http", kind: .choice(["1.1", "2"]),
      help: "HTTP version; 2 over TLS, where the server has it. Default: 1.1, in which uploads are faster."),
  ]
}

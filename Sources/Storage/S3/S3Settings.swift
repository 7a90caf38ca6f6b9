import Wire

/// The job settings for S3. Schema and reference are made from them.
enum S3Settings {
  static let keys = [
    SettingKey(
      name: "s3.endpoint", kind: .text,
      help:
        "URL of the S3 server, such as http://127.0.0.1:9000. Default: AWS_ENDPOINT_URL_S3, then Amazon's endpoint."
    ),
    SettingKey(
      name: "s3.region", kind: .text,
      help: "Region of the bucket. Default: AWS_REGION, then the region of the profile, then us-east-1."),
    SettingKey(
      name: "s3.pathStyle", kind: .flag,
      help:
        "Puts the bucket in the path instead of the host name. Default: true with an endpoint, false without."
    ),
    SettingKey(
      name: "s3.profile", kind: .text, help: "Profile in the shared AWS files. Default: AWS_PROFILE."),
    SettingKey(
      name: "s3.accessKeyId", kind: .text,
      help: "Access key; with s3.secretAccessKey it wins over every other source of credentials."),
    SettingKey(name: "s3.secretAccessKey", kind: .text, help: "Secret key that belongs to s3.accessKeyId."),
    SettingKey(name: "s3.sessionToken", kind: .text, help: "Session token of temporary credentials."),
    SettingKey(
      name: "s3.connections", kind: .integer(1...256),
      help: "Maximum number of concurrent requests per process. Default: 16."),
    SettingKey(
      name: "s3.retrySeconds", kind: .integer(0...86_400),
      help: "How long a request is retried after temporary errors, in seconds. Default: 120."),
    SettingKey(
      name: "s3.lockSeconds", kind: .integer(3...3600),
      help: "How long the lock of a dead run blocks an output, in seconds. Default: 60."),
    SettingKey(
      name: "s3.partBytes", kind: .integer(5 << 20...1 << 30),
      help: "Size of upload parts in bytes; very large objects get larger parts. Default: 8388608."),
    SettingKey(
      name: "s3.http", kind: .choice(["1.1", "2"]),
      help:
        "HTTP version; 2 needs TLS and a server that offers it. Default: 1.1, with which uploads are faster."),
  ]
}

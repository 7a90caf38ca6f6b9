import Storage
import TestSupport
import Testing

@Suite struct ObjectURITests {
  @Test(arguments: [
    ("data/raw", "/home/u/data/raw"), ("./data//raw/", "/home/u/data/raw"), ("/data/raw/", "/data/raw"),
    ("../x", "/home/x"), ("/../../x/./y/..", "/x"), ("/", "/"), (".", "/home/u"),
    ("a b%20c", "/home/u/a b%20c"),
    ("dt=2025-04-01/ü.jsonl", "/home/u/dt=2025-04-01/ü.jsonl"), ("dir/a:b", "/home/u/dir/a:b"),
    ("./a:b", "/home/u/a:b"),
    ("file:data", "/home/u/data"), ("file:/data", "/data"), ("file:///data/x", "/data/x"), ("FILE:/d", "/d"),
    ("file://localhost/data", "/data"), ("file:../x", "/home/x"),
    ("s3://bucket/key/", "s3://bucket/key/"), ("s3://bucket/a//../b", "s3://bucket/a//../b"),
    ("s3://bucket", "s3://bucket/"), ("S3://bucket/k", "s3://bucket/k"),
  ])
  func canonicalForms(text: String, canonical: String) throws {
    let uri = try ObjectURI(text).resolved(against: "/home/u")
    #expect(uri.description == canonical)
    #expect(try ObjectURI(canonical).resolved(against: "/elsewhere") == uri)
  }

  @Test(arguments: [
    ("", "empty"), ("a\0b", "zero byte"), ("hdfs://n/x", "unknown scheme 'hdfs:'"), ("http:x", "./http:x"),
    ("s3a://bucket/k", "s3://bucket/key"), ("s3:bucket/k", "s3://bucket/key"), ("s3://", "s3://bucket/key"),
    ("s3:///key", "s3://bucket/key"), ("kafka://broker/topic", "unknown scheme 'kafka:'"),
    ("file:", "a path"),
    ("file://host/x", "names a host"),
    ("file://", "names a host"),
  ])
  func mistakesAreToldWithWhatWasExpected(text: String, expected: String) throws {
    let error = try #require(failure { try ObjectURI(text) })
    #expect(error.kind == "invalid")
    #expect(error.description.contains(expected))
    #expect(error.description.contains("'\(text)'"))
  }

  @Test func names() throws {
    #expect(try ObjectURI("/a").appending("b/c").description == "/a/b/c")
    #expect(try ObjectURI("/").appending("b").description == "/b")
    #expect(try ObjectURI("s3://bucket").appending("b").description == "s3://bucket/b")
    #expect(try ObjectURI("s3://bucket/p/").appending("b").description == "s3://bucket/p/b")
  }
}

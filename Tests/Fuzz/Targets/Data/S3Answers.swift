import Storage

extension FuzzTarget {
  /// XML responses of S3 servers, and credential files.
  static let s3Answers = FuzzTarget("s3-answers") {
    [
      """
      <?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
      <IsTruncated>true</IsTruncated><NextContinuationToken>t=</NextContinuationToken><Contents><Key>p/a&amp;&#xe9;</Key>
      <Size>5</Size><ETag>&quot;e&quot;</ETag></Contents><!-- c --><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>
      </ListBucketResult>
      """,
      "<s:Error xmlns:s='x'><s:Code>SlowDown</s:Code><Message><![CDATA[a<b]]></Message></s:Error>",
      "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
      "[default]\naws_access_key_id = A # x\n[profile b]\nregion=eu\ns3 =\n  addressing_style = path\n; c\n",
    ].map { Array($0.utf8) }
  } check: { input in
    if let document = try unless(XMLError.self, { try XMLElement(input) }) {
      let page = try unless(StorageError.self) {
        try S3ListingPage(document, prefix: "p", location: "s3://b/p")
      }
      if let page {
        try require(
          page.entries.allSatisfy { $0.key.utf8.starts(with: "p".utf8) && $0.size >= 0 },
          "an entry not asked for")
        try require(page.next != "", "a page that goes on from nowhere")
      }
    }
    guard let text = String(validating: input, as: UTF8.self) else { return }
    let file = ProfileFile(text: text)
    let profile = Profile("b", config: file, credentials: file)
    try require(profile.values.keys.allSatisfy { !$0.contains("\n") }, "a key of two lines")
  }
}

import Storage
import TestSupport
import Testing

@Suite struct ListingTests {
  private static let page = """
    <?xml version="1.0" encoding="UTF-8"?>
    <!-- a comment -->
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>p/</Prefix>
    <IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b=</NextContinuationToken>
    <Contents><Key>p/a b+c=%20&amp;&lt;ü&#x1F600;&#9;.jsonl</Key><LastModified>2025-04-01T00:00:00.000Z</LastModified>
      <ETag>&quot;d41d8&quot;</ETag><Size>12</Size><Owner><ID/></Owner></Contents>
    <s3:Contents a="1" b = '>'><s3:Key><![CDATA[p/<&>]]></s3:Key><Size>9223372036854775807</Size></s3:Contents>
    </ListBucketResult>

    """

  private func page(_ text: String, prefix: String = "p/") throws -> S3ListingPage {
    try S3ListingPage(try XMLElement(Array(text.utf8)), prefix: prefix, location: "s3://b/p/")
  }

  @Test func keysComeBackToTheLetter() throws {
    let page = try page(Self.page)
    #expect(page.next == "a&b=")
    #expect(page.entries.map(\.key) == ["p/a b+c=%20&<ü😀\t.jsonl", "p/<&>"])
    #expect(page.entries.map(\.size) == [12, .max])
    #expect(page.entries.map(\.eTag) == ["\"d41d8\"", ""])
    #expect(page.entries[0].modified == "2025-04-01T00:00:00.000Z")
  }

  @Test(arguments: [
    "<L><Contents><Key>p/a</Key></Contents></L>", "<L><Contents><Size>1</Size></Contents></L>",
    "<L><Contents><Key>p/a</Key><Size>-1</Size></Contents></L>",
    "<L><Contents><Key>p/a</Key><Size>1e3</Size></Contents></L>",
    "<L><Contents><Key>q/a</Key><Size>1</Size></Contents></L>", "<L><IsTruncated>true</IsTruncated></L>",
    "<L><IsTruncated>true</IsTruncated><NextContinuationToken/></L>",
  ]) func listingsThatLieAreErrors(_ text: String) {
    #expect(failure { try page(text) }?.kind == "corrupt")
  }

  @Test func anEmptyListing() throws {
    #expect(try page("<ListBucketResult/>") == page("<L><IsTruncated>false</IsTruncated></L>"))
  }

  @Test(arguments: [
    "", " ", "x", "<", "<a", "<a>", "<a></b>", "<a><b></a></b>", "</a>", "<a/><b/>", "<a/>x", "<a>&bomb;</a>",
    "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&amp</a>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
    "<a b></a>", "<a b=c></a>", "<a b=\"></a>", "<a><![CDATA[x</a>", "<a><!-- </a>", "<a>\u{0}", "<?xml <a/>",
    "<a><!ELEMENT b></a>",
  ]) func brokenDocumentsAreErrors(_ text: String) {
    #expect(throws: XMLError.self) { try XMLElement(Array(text.utf8)) }
  }

  /// Entities that grow to gigabytes, files of this machine, and encodings that hide a document type.
  @Test func hostileDocumentsAreRefused() {
    let bomb =
      "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\">"
      + (1..<12).map {
        "<!ENTITY a\($0) \"\(String(repeating: "&a\($0 == 1 ? "" : "\($0 - 1)");", count: 10))\">"
      }.joined()
      + "]><l>&a11;</l>"
    let file = "<!DOCTYPE l [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><l>&f;</l>"
    let start = ContinuousClock.now
    for text in [bomb, file, "<!DOCTYPE l SYSTEM \"http://127.0.0.1/x.dtd\"><l/>"] {
      let error = #expect(throws: XMLError.self) { try XMLElement(Array(text.utf8)) }
      #expect(error?.message == "a document type is not accepted")
    }
    #expect(start.duration(to: .now) < .seconds(5))
    let wide: [UInt8] = [0xFF, 0xFE] + Array("<a/>".utf8).flatMap { [$0, UInt8(0)] }
    #expect((try? XMLElement(wide))?.name == "a")
    #expect(throws: XMLError.self) { try XMLElement(Array(repeating: 0x20, count: (64 << 20) + 1)) }
    let attributes = "<a " + (0..<50_000).map { "b\($0)=''" }.joined(separator: " ") + "/>"
    #expect((try? XMLElement(Array(attributes.utf8)))?.name == "a")
  }

  @Test func encodedNamesAreDecoded() throws {
    let encoded = try page(
      "<L><EncodingType>url</EncodingType><Contents><Key>p/a+b%2Bc%01%C3%A9</Key><Size>1</Size></Contents></L>"
    )
    #expect(encoded.entries.map(\.key) == ["p/a b+c\u{1}\u{e9}"])
    #expect(
      failure {
        try page("<L><EncodingType>url</EncodingType><Contents><Key>p/%FF</Key><Size>1</Size></Contents></L>")
      }?.kind == "corrupt")
  }

  @Test func depthAndSizeAreBounded() {
    let deep = String(repeating: "<a>", count: 1000) + String(repeating: "</a>", count: 1000)
    #expect(throws: XMLError.self) { try XMLElement(Array(deep.utf8)) }
    let many = "<a>" + String(repeating: "<b/>", count: 300_000) + "</a>"
    #expect(throws: XMLError.self) { try XMLElement(Array(many.utf8)) }
    #expect(throws: XMLError.self) { try XMLElement(Array("<a>".utf8) + [0xff] + Array("</a>".utf8)) }
  }

  /// Whatever is cut off or changed, the answer is a document or an error.
  @Test func noBytesCrash() throws {
    let whole = Array(Self.page.utf8)
    for length in 0..<whole.count - 2 {
      #expect(throws: XMLError.self) { try XMLElement(Array(whole[..<length])) }
    }
    var random = SeededRandom(state: 7)
    var parsed = 0
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      if (try? XMLElement(bytes)) != nil { parsed += 1 }
    }
    #expect(parsed > 0 && parsed < 19_900)
  }
}

import Basics

/// The site's texts as JSON-escaped bytes, ready to copy into a line. Built once per generator.
final class SiteText: @unchecked Sendable {
  // Sendable: the memory is written only in `init` and freed in `deinit`.
  private let bytes: UnsafeMutablePointer<UInt8>
  private let offsets: UnsafeMutablePointer<Int>
  /// Index of the first entry of each list in `offsets`.
  private let lists: (paths: Int, searches: Int, queries: Int, sources: Int, devices: Int, countries: Int)

  /// "00" to "99".
  let digitPairs: UnsafeMutablePointer<UInt16>
  /// Five digits of each product number.
  let productDigits: UnsafeMutablePointer<UInt64>
  /// Each product's price as text, up to eight bytes, and its length.
  let price: UnsafeMutablePointer<UInt64>
  let priceLength: UnsafeMutablePointer<UInt8>

  init() {
    var pool: [UInt8] = []
    var starts = [0]
    func add(_ texts: [String]) -> Int {
      let first = starts.count - 1
      for text in texts {
        pool += Array(text.utf8)
        starts.append(pool.count)
      }
      return first
    }
    lists = (
      add(["/"] + Catalog.categories.map { "/c/" + $0 } + ["/account", "/cart", "/checkout"]),
      add(Catalog.queries.map { "/search?q=" + PercentEncoding.encode($0).replacing("%20", with: "+") }),
      add(Catalog.queries.map { SiteText.escaped($0) }),
      add(Catalog.sources.map(\.referrer)),
      add(
        DeviceList.all.map { #""device":"\#($0.device)","os":"\#($0.os)","browser":"\#($0.browser)""# }),
      add(Catalog.countries.map(\.code))
    )
    bytes = SiteText.copied(pool)
    offsets = SiteText.copied(starts)
    let pairs = (0..<100).map { (number: Int) -> UInt16 in
      let tens = UInt16(0x30 + number / 10)
      let ones = UInt16(0x30 + number % 10)
      return (tens | ones << 8).littleEndian
    }
    digitPairs = SiteText.copied(pairs)
    let products = 0..<Catalog.categories.count * Catalog.productsPerCategory
    productDigits = SiteText.copied(products.map { SiteText.packed(String(100_000 + $0).dropFirst()) })
    let prices = products.map { product in
      let cents = Catalog.price(product)
      return "\(cents / 100)." + String(100 + cents % 100).dropFirst()
    }
    price = SiteText.copied(prices.map { SiteText.packed($0[...]) })
    priceLength = SiteText.copied(prices.map { UInt8($0.utf8.count) })
  }

  deinit {
    bytes.deallocate()
    offsets.deallocate()
    digitPairs.deallocate()
    productDigits.deallocate()
    price.deallocate()
    priceLength.deallocate()
  }

  @inline(__always)
  private func entry(_ index: Int) -> UnsafeRawBufferPointer {
    let start = offsets[index]
    return UnsafeRawBufferPointer(start: bytes + start, count: offsets[index + 1] - start)
  }

  var home: UnsafeRawBufferPointer { entry(lists.paths) }
  func category(_ category: Int) -> UnsafeRawBufferPointer { entry(lists.paths + 1 + category) }
  /// The page of ``Action/account``, ``Action/cart`` or ``Action/checkout``.
  func service(_ action: Action) -> UnsafeRawBufferPointer {
    entry(lists.paths + 1 + Catalog.categories.count + Int(action.rawValue) - Int(Action.account.rawValue))
  }
  func search(_ query: Int) -> UnsafeRawBufferPointer { entry(lists.searches + query) }
  func query(_ query: Int) -> UnsafeRawBufferPointer { entry(lists.queries + query) }
  func source(_ source: Int) -> UnsafeRawBufferPointer { entry(lists.sources + source) }
  func device(_ device: Int) -> UnsafeRawBufferPointer { entry(lists.devices + device) }
  func country(_ country: Int) -> UnsafeRawBufferPointer { entry(lists.countries + country) }

  private static func copied<T: BitwiseCopyable>(_ values: [T]) -> UnsafeMutablePointer<T> {
    let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
    memory.initialize(from: values, count: values.count)
    return memory
  }

  /// Up to eight bytes as a word, the first byte lowest.
  private static func packed(_ text: Substring) -> UInt64 {
    text.utf8.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }
}

/// The site: categories of products with fixed prices, articles, and search queries. Popularity follows Zipf's law; an
/// item's rank is its index.
enum Catalog {
  static let categories = [
    "shoes", "jackets", "shirts", "bags", "phones", "laptops", "kitchen", "garden", "books", "toys", "sports",
    "sale",
  ]
  /// Index of the sale category in `categories`.
  static let saleCategory = 11

  /// Products per category; product number = rank × categories + category.
  static let productsPerCategory = 833
  static let articles = 600

  /// Median price per category.
  private static let medianPrice: [Double] = [79, 119, 29, 59, 399, 899, 35, 25, 14, 19, 49, 9]

  /// Price of a product in cents: log-normal around its category's median, ending in 9 or 5.
  static func price(_ product: Int) -> Int {
    var random = SplitMix64(seed: 0x7072_6963_65, key: UInt64(product))
    let p = (Double(random.next() >> 40) + 0.5) / Double(1 << 24)
    let median = medianPrice[product % categories.count]
    let whole = Int((median * TableMath.exp(0.45 * TableMath.normalQuantile(p))).rounded())
    return max(1, whole) * 100 - (random.next() & 1 == 0 ? 1 : 5)
  }

  /// Search queries, most frequent first: a noun of some category, later ones with an adjective. The category of query `i` is
  /// `i % categories.count`. Some contain quotes and letters outside ASCII, as people type them.
  static let queries: [String] = {
    let adjectives = [
      "", "red ", "cheap ", "black ", "best ", "women's ", "men's ", "kids ", "new ", "blue ", "used ",
      "grün ",
      "größe 42 ", "\"original\" ", "été ", "zażółć ", "waterproof ", "vintage ", "xxl ", "14\" ",
    ]
    let nouns = [
      "sneakers", "rain jacket", "t-shirt", "backpack", "phone case", "laptop", "coffee maker", "garden hose",
      "novel", "lego", "yoga mat", "clearance", "boots", "parka", "polo", "handbag", "smartphone",
      "ultrabook",
      "knife set", "lawn mower", "cookbook", "puzzle", "dumbbells", "outlet", "sandals", "windbreaker",
      "hoodie",
      "wallet", "charger", "docking station", "frying pan", "grill", "atlas", "doll", "bike helmet", "coupon",
      "running shoes", "down jacket", "blouse", "suitcase", "headphones", "monitor", "toaster", "pflanzkübel",
      "crime fiction", "board game", "tent", "gift under 10",
    ]
    return adjectives.flatMap { adjective in nouns.map { adjective + $0 } }
  }()

  /// Referrers of sessions and their weights. The first is none.
  static let sources: [(referrer: String, weight: Double)] = [
    ("", 34), ("https://www.google.com/", 38), ("https://www.bing.com/", 5), ("https://duckduckgo.com/", 4),
    ("https://www.instagram.com/", 7), ("https://www.facebook.com/", 5), ("https://news.example/", 4),
    ("https://newsletter.shop.example/", 3),
  ]

  /// Countries, their UTC offsets in hours, and weights.
  static let hoursAhead: [Int] = countries.map(\.hours)

  static let countries: [(code: String, hours: Int, weight: Double)] = [
    ("DE", 2, 24), ("GB", 1, 16), ("FR", 2, 14), ("IT", 2, 9), ("ES", 2, 9), ("NL", 2, 7), ("PL", 2, 7),
    ("SE", 2, 4), ("AT", 2, 3), ("CH", 2, 3), ("PT", 1, 2), ("IE", 1, 1), ("FI", 3, 1), ("US", -5, 2),
  ]
}

/// Devices as the site's script reports them.
enum DeviceList {
  static let all: [(device: String, os: String, browser: String, weight: Double)] = [
    ("mobile", "Android", "Chrome", 45), ("mobile", "iOS", "Safari", 38),
    ("mobile", "Android", "Samsung Internet", 10), ("mobile", "Android", "Firefox", 4),
    ("desktop", "Windows", "Chrome", 42), ("desktop", "Windows", "Edge", 18),
    ("desktop", "macOS", "Safari", 14), ("desktop", "macOS", "Chrome", 12),
    ("desktop", "Windows", "Firefox", 9),
    ("desktop", "Linux", "Firefox", 5), ("tablet", "iPadOS", "Safari", 70),
    ("tablet", "Android", "Chrome", 30),
  ]
}

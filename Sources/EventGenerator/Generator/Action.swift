/// What a visitor does next: the states of the Markov chain of a session. The first eight open a page.
enum Action: UInt8, CaseIterable {
  case home, category, product, article, account, cart, checkout, search
  case click, addToCart, purchase

  static let count = 11

  /// Median time on a page, in milliseconds; each kind of user scales it.
  var medianDwell: Double {
    switch self {
    case .home: 12_000
    case .category: 15_000
    case .product: 24_000
    case .article: 70_000
    case .account: 20_000
    case .cart: 18_000
    case .checkout: 40_000
    case .search: 12_000
    case .click: 2500
    case .addToCart: 4000
    case .purchase: 9000
    }
  }
}

/// The site's common Markov chain: weights from each action (row) to the next (column), in the order of ``Action``.
/// Each kind of user scales its columns.
enum SiteChain {
  static let entry: [Double] = [40, 16, 24, 8, 2, 1, 0, 9, 0, 0, 0]

  static let transitions: [[Double]] = [
    [2, 30, 12, 8, 3, 2, 0, 20, 23, 0, 0],  // home
    [4, 14, 45, 2, 1, 1, 0, 8, 25, 0, 0],  // category
    [3, 14, 26, 3, 1, 1, 0, 8, 32, 12, 0],  // product
    [5, 5, 5, 55, 2, 0, 0, 4, 24, 0, 0],  // article
    [25, 15, 10, 5, 10, 10, 0, 10, 15, 0, 0],  // account
    [5, 15, 15, 1, 3, 4, 42, 5, 10, 0, 0],  // cart
    [3, 3, 4, 0, 4, 12, 2, 0, 12, 0, 60],  // checkout
    [2, 6, 40, 3, 0, 0, 0, 15, 34, 0, 0],  // search
    [4, 22, 40, 8, 2, 1, 0, 8, 10, 5, 0],  // click
    [3, 15, 22, 1, 1, 40, 0, 6, 12, 0, 0],  // addToCart
    [25, 15, 15, 8, 25, 0, 0, 5, 7, 0, 0],  // purchase
  ]
}

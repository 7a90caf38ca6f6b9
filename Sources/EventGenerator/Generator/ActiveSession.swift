/// A page of the site: an action that opens pages, and the category, product, article or query that it shows.
struct Page {
  var type: Action
  var item: UInt32
}

/// A session in progress: the current page, and the next event.
struct ActiveSession {
  private var random: SplitMix64
  /// Time of the next event, in milliseconds since 1970.
  private(set) var time: Int64
  private let limit: Int64
  private let pace: Int64
  /// Index of the next event in the session, from 0.
  private(set) var index: Int
  private let length: Int
  let user: UInt32
  /// Unique: a bijection of user and session number.
  let key: UInt64
  private let habit: Int
  private let favourite: Int
  private let treated: Bool

  /// The next event.
  private(set) var action = Action.home
  private(set) var page = Page(type: .home, item: 0)
  /// The previous page; valid from the second page on.
  private(set) var previous = Page(type: .home, item: 0)
  private(set) var pages = 0
  /// The product in view, or just bought.
  private(set) var product = 0
  private(set) var quantity = 1
  /// Milliseconds until the next event.
  private(set) var dwell: Int64 = 0
  private var category: Int
  private var cartProduct = -1
  private var cartQuantity = 0

  init(_ planned: PlannedSession, profile: UserProfile, seed: UInt64, origin: Int64, tables: GeneratorTables)
  {
    user = planned.user
    key = SplitMix64.mix(SplitMix64.mix(seed) ^ (UInt64(planned.user) << 32 | UInt64(planned.ordinal)))
    random = SplitMix64(state: key)
    time = origin + planned.begin
    limit = origin + planned.end
    pace = Int64(profile.pace)
    length = Int(planned.length)
    habit = Int(planned.habit)
    favourite = Int(profile.favourite)
    category = favourite
    treated = profile.variant == 2
    index = 0
    choose(Int(Action.count), tables)
  }

  var isLast: Bool { index + 1 >= length }

  /// Advances to the next event. Not to be called after the last one.
  @inline(__always)
  mutating func advance(_ tables: GeneratorTables) {
    time += dwell
    index += 1
    choose(Int(action.rawValue), tables)
  }

  @inline(__always)
  private mutating func choose(_ row: Int, _ tables: GeneratorTables) {
    let draw = random.next()
    let slot = (habit * (Action.count + 1) + row) << 8 | Int(draw & 255)
    // The table holds only raw values of actions.
    var next = unsafeBitCast(tables.chain[slot], to: Action.self)
    // The experiment: some visitors who would leave the checkout stay and buy.
    if treated, row == Int(Action.checkout.rawValue), draw >> 56 < 48 { next = .purchase }
    switch next {
    case .checkout where cartProduct < 0, .purchase where cartProduct < 0: next = .category
    case .addToCart where page.type != .product: next = .product
    default: break
    }
    action = next
    switch next {
    case .product:
      pickProduct(draw, tables)
      open(.product, UInt32(product))
    case .category:
      // One time in four, another category.
      if draw >> 8 & 3 == 0 { category = Int((draw >> 10 & 255) &* UInt64(Catalog.categories.count)) >> 8 }
      open(.category, UInt32(category))
    case .article:
      open(.article, UInt32(tables.articleRank[Int(draw >> 8) & (GeneratorTables.zipfSlots - 1)]))
    case .search:
      let query = tables.queryRank[Int(draw >> 8) & (GeneratorTables.zipfSlots - 1)]
      category = Int(query) % Catalog.categories.count
      open(.search, UInt32(query))
    case .home, .account, .cart, .checkout: open(next, 0)
    case .click: break
    case .addToCart:
      cartProduct = product
      cartQuantity = draw >> 8 & 3 != 0 ? 1 : 2 + Int(draw >> 10 & 1)
      quantity = cartQuantity
    case .purchase:
      product = cartProduct
      quantity = cartQuantity
      cartProduct = -1
    }
    rest(tables)
  }

  private mutating func pickProduct(_ draw: UInt64, _ tables: GeneratorTables) {
    let rank = Int(tables.productRank[Int(draw >> 8) & (GeneratorTables.zipfSlots - 1)])
    let onSale = draw >> 24 & 255 < UInt64(tables.sale[habit])
    let saleOrOwn = onSale ? Catalog.saleCategory : category
    product = rank * Catalog.categories.count + saleOrOwn
  }

  private mutating func open(_ type: Action, _ item: UInt32) {
    previous = page
    page = Page(type: type, item: item)
    pages += 1
  }

  /// Time until the next event. Never beyond the limit, however many events are left.
  private mutating func rest(_ tables: GeneratorTables) {
    let draw = random.next()
    let median = UInt64(tables.medianDwell[habit * Action.count + Int(action.rawValue)])
    let factor = UInt64(tables.dwellFactor[habit << 10 | Int(draw & 1023)])
    // 3 % up or down, so that dwell times are not only those of the slots.
    let jitter = 992 + (draw >> 10 & 63)
    let scaled = (Int64((median * factor * jitter) >> 20) * pace) >> 10
    dwell = max(0, min(scaled, (limit - time) / Int64(length - index)))
  }
}

// The exact sums under variances, covariances, correlation and regression.
import Columns

/// For each group the number of pairs and the sums of x, y, x², y² and xy, as far as a function needs them. A product is added as
/// its rounded value and its rounding error, so its sum is exact too.
struct MomentSums {
  struct Parts: OptionSet {
    let rawValue: Int

    static let x = Parts(rawValue: 1)
    static let y = Parts(rawValue: 2)
    static let xx = Parts(rawValue: 4)
    static let yy = Parts(rawValue: 8)
    static let xy = Parts(rawValue: 16)
    static let all: [Parts] = [.x, .y, .xx, .yy, .xy]

    var isProduct: Bool { rawValue >= 4 }

    var stateTypes: [ColumnType] {
      let sums = Parts.all.filter { contains($0) }.map { $0.isProduct ? 2 : 1 }.reduce(0, +)
      return [.int64] + Array(repeating: ExactSums.stateTypes, count: sums).flatMap { $0 }
    }
  }

  let parts: Parts
  private(set) var counts: [Int64] = []
  /// In the order of ``Parts/all``; two for a product.
  private var sums: [[ExactSums]]

  init(_ parts: Parts) {
    self.parts = parts
    sums = Parts.all.map { part in
      parts.contains(part) ? Array(repeating: ExactSums(), count: part.isProduct ? 2 : 1) : []
    }
  }

  var byteCount: Int { counts.count * 8 + sums.joined().reduce(0) { $0 + $1.byteCount } }

  mutating func resize(to count: Int) {
    counts.extend(to: count, 0)
    for part in sums.indices { for index in sums[part].indices { sums[part][index].resize(to: count) } }
  }

  /// - Parameter y: Empty for functions of one argument.
  mutating func add(_ x: [Double], _ y: [Double], _ loop: RowLoop) {
    loop.count(into: &counts)
    for (index, part) in Parts.all.enumerated() where parts.contains(part) {
      switch part {
      case .x: sums[index][0].add(x, loop)
      case .y: sums[index][0].add(y, loop)
      case .xx: add(x, x, index, loop)
      case .yy: add(y, y, index, loop)
      default: add(x, y, index, loop)
      }
    }
  }

  private mutating func add(_ a: [Double], _ b: [Double], _ index: Int, _ loop: RowLoop) {
    var products = a
    var errors = a
    for row in 0..<loop.rows {
      let product = a[row] * b[row]
      products[row] = product
      // Zero where the product is infinite or NaN.
      errors[row] = product.isFinite ? (-product).addingProduct(a[row], b[row]) : 0
    }
    sums[index][0].add(products, loop)
    sums[index][1].add(errors, loop)
  }

  /// The exact sum of a part; nil if it is not finite.
  mutating func sum(_ part: Parts, _ group: Int) -> ExactNumber? {
    guard let index = Parts.all.firstIndex(of: part) else { return nil }
    var total = ExactNumber.zero
    for place in sums[index].indices {
      guard let sum = sums[index][place].exactResult(group) else { return nil }
      total = total + sum
    }
    return total
  }

  /// n·Σab − Σa·Σb, which is n² times the covariance of a and b; nil if it is not finite.
  mutating func spread(_ ab: Parts, _ a: Parts, _ b: Parts, _ group: Int) -> ExactNumber? {
    guard let products = sum(ab, group), let a = sum(a, group), let b = sum(b, group) else { return nil }
    return ExactNumber(counts[group]) * products - a * b
  }

  mutating func partial(_ groups: [UInt32]) -> [Column] {
    var columns = [Column(.int64(counts.picked(groups)))]
    for part in sums.indices {
      for index in sums[part].indices { columns += sums[part][index].partial(groups) }
    }
    return columns
  }

  mutating func merge(groups: [UInt32], _ state: [Column]) throws(QueryError) {
    try state.expect(parts.stateTypes.count)
    let added = try state[0].int64s()
    RowLoop(merging: groups, state).forEach { group, row in counts[group] &+= added[row] }
    var column = 1
    for part in sums.indices {
      for index in sums[part].indices {
        try sums[part][index].merge(groups: groups, state[column..<column + 3])
        column += 3
      }
    }
  }
}

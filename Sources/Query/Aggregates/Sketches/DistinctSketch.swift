import Basics

/// Estimates how many distinct hashes were added (HyperLogLog). Up to ``exactLimit`` hashes are kept and counted exactly; beyond, the
/// longest run of leading zeros in each of 4096 registers, with a standard error of 1.6 %. The result depends only on the set of
/// hashes.
struct DistinctSketch {
  static let exactLimit = 128
  private static let bits = 12
  private static let registers = 1 << bits
  /// Highest value of a register: the bits after the register's number, and one.
  private static let highest = 64 - bits + 1

  /// An open table of hashes, its size a power of two, 0 for free; empty once there are registers.
  private var hashes: [UInt64] = []
  private var count = 0
  private var ranks: [UInt8] = []

  var byteCount: Int { hashes.count * 8 + ranks.count + 64 }

  @inline(__always)
  mutating func add(_ hash: UInt64) {
    if ranks.isEmpty { addExactly(max(hash, 1)) } else { addRank(max(hash, 1)) }
  }

  @inline(__always)
  private mutating func addRank(_ hash: UInt64) {
    let register = Int(hash >> UInt64(64 - Self.bits))
    // A bit below the lowest one ends the run.
    let rest = hash << UInt64(Self.bits) | 1 << UInt64(Self.bits - 1)
    let rank = UInt8(truncatingIfNeeded: rest.leadingZeroBitCount + 1)
    if rank > ranks[register] { ranks[register] = rank }
  }

  private mutating func addExactly(_ hash: UInt64) {
    if count * 2 >= hashes.count { grow() }
    let mask = hashes.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while hashes[slot] != 0 {
      if hashes[slot] == hash { return }
      slot = (slot + 1) & mask
    }
    hashes[slot] = hash
    count += 1
    if count > Self.exactLimit { useRegisters() }
  }

  private mutating func grow() {
    let before = hashes
    hashes = Array(repeating: 0, count: max(4, before.count * 2))
    let mask = hashes.count - 1
    for hash in before where hash != 0 {
      var slot = Int(truncatingIfNeeded: hash) & mask
      while hashes[slot] != 0 { slot = (slot + 1) & mask }
      hashes[slot] = hash
    }
  }

  private mutating func useRegisters() {
    ranks = Array(repeating: 0, count: Self.registers)
    for hash in hashes where hash != 0 { addRank(hash) }
    hashes = []
    count = 0
  }

  /// Ertl's improved estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017): without bias over the whole
  /// range and without tables.
  var estimate: Int64 {
    if ranks.isEmpty { return Int64(count) }
    var histogram = [Int](repeating: 0, count: Self.highest + 1)
    for rank in ranks { histogram[Int(rank)] += 1 }
    let m = Double(Self.registers)
    var z = m * Self.tau(1 - Double(histogram[Self.highest]) / m)
    for rank in stride(from: Self.highest - 1, through: 1, by: -1) {
      z = (z + Double(histogram[rank])) / 2
    }
    z += m * Self.sigma(Double(histogram[0]) / m)
    // 1 / (2 ln 2).
    return Int64((0.721_347_520_444_481_7 * m * m / z).rounded())
  }

  private static func sigma(_ share: Double) -> Double {
    if share == 1 { return .infinity }
    var (x, y, z) = (share, 1.0, share)
    var before: Double
    repeat {
      before = z
      x *= x
      z += x * y
      y += y
    } while z != before
    return z
  }

  private static func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var (x, y, z) = (share, 1.0, 1 - share)
    var before: Double
    repeat {
      before = z
      x = x.squareRoot()
      y /= 2
      z -= (1 - x) * (1 - x) * y
    } while z != before
    return z / 3
  }

  /// Hashes of 8 bytes each, or a byte for each register.
  var encoded: [UInt8] {
    guard ranks.isEmpty else { return ranks }
    var writer = ByteWriter(reserving: count * 8)
    for hash in hashes where hash != 0 { writer.integer(hash) }
    return writer.bytes
  }

  mutating func merge(_ bytes: [UInt8]) throws(QueryError) {
    if bytes.count == Self.registers {
      guard bytes.allSatisfy({ $0 <= Self.highest }) else { throw Self.damaged }
      if ranks.isEmpty { useRegisters() }
      for register in ranks.indices { ranks[register] = max(ranks[register], bytes[register]) }
      return
    }
    guard bytes.count % 8 == 0, bytes.count <= Self.exactLimit * 8 else { throw Self.damaged }
    var reader = ByteReader(bytes)
    do throws(WireError) {
      while reader.remaining > 0 { add(try reader.integer()) }
    } catch {
      throw Self.damaged
    }
  }

  private static var damaged: QueryError {
    QueryError("the partial result of approx_count_distinct is damaged")
  }
}

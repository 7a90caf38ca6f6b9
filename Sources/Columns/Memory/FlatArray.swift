/// A growable array of trivial values in its own memory: no reference counting, no copy-on-write, and no bounds checks in
/// release builds. For tables whose indexes never come from external input.
///
/// Public, like everything in Shuffle: the compiler inlines only public declarations across targets. No product exports it.
///
/// The element type must not be private: if this is inlined into another file, a debug build with Swift 6.3 fails with
/// "Global is external, but doesn't have external or weak linkage".
public struct FlatArray<Element: BitwiseCopyable>: ~Copyable {
  public private(set) var base: UnsafeMutablePointer<Element>
  public private(set) var count = 0
  private var capacity: Int

  public init(capacity: Int = 16) {
    self.capacity = max(1, capacity)
    base = .allocate(capacity: self.capacity)
  }

  public init(repeating value: Element, count: Int) {
    self.init(capacity: count)
    base.initialize(repeating: value, count: count)
    self.count = count
  }

  deinit { base.deallocate() }

  public subscript(index: Int) -> Element {
    @inline(__always) unsafeAddress {
      assert(index >= 0 && index < count)
      return UnsafePointer(base + index)
    }
    @inline(__always) unsafeMutableAddress {
      assert(index >= 0 && index < count)
      return base + index
    }
  }

  @inline(__always)
  public mutating func append(_ value: Element) {
    if count == capacity { grow(to: count + 1) }
    (base + count).initialize(to: value)
    count += 1
  }

  public mutating func append(contentsOf values: UnsafeBufferPointer<Element>) {
    if count + values.count > capacity { grow(to: count + values.count) }
    if let source = values.baseAddress { (base + count).initialize(from: source, count: values.count) }
    count += values.count
  }

  /// Drops all elements outside the range.
  public mutating func keep(_ range: Range<Int>) {
    assert(range.lowerBound >= 0 && range.upperBound <= count)
    base.update(from: base + range.lowerBound, count: range.count)
    count = range.count
  }

  /// Keeps the first `count` elements.
  public mutating func truncate(to count: Int) {
    assert(count <= self.count)
    self.count = count
  }

  /// Drops all elements and reserves room for `count` new ones. The caller writes them through `base` and then calls
  /// ``setCount(_:)``.
  public mutating func reserve(_ count: Int) {
    self.count = 0
    if count > capacity { grow(to: count) }
  }

  /// - Parameter count: Number of elements written since ``reserve(_:)``.
  public mutating func setCount(_ count: Int) {
    assert(count <= capacity)
    self.count = count
  }

  /// Bytes allocated, whether used or not.
  public var bytes: Int { capacity * MemoryLayout<Element>.stride }

  public var elements: UnsafeMutableBufferPointer<Element> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }

  private mutating func grow(to needed: Int) {
    let larger = max(needed, capacity * 2)
    let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    moved.moveInitialize(from: base, count: count)
    base.deallocate()
    base = moved
    capacity = larger
  }
}

/// Generic although only used for bytes: generic code is inlined into other targets.
extension FlatArray where Element: FixedWidthInteger & UnsignedInteger {
  /// Appends a copy of a short range of the array's own bytes, in words of 16 bytes.
  @inline(__always)
  public mutating func append(again range: Range<Int>) {
    assert(range.lowerBound >= 0 && range.upperBound <= count)
    if count &+ range.count &+ 16 > capacity { grow(to: count &+ range.count &+ 16) }
    let source = UnsafeRawPointer(base + range.lowerBound)
    let target = UnsafeMutableRawPointer(base + count)
    // Bytes copied past the range are overwritten later; the range itself lies before the target.
    for offset in stride(from: 0, to: range.count, by: 16) {
      let word = source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
      target.storeBytes(of: word, toByteOffset: offset, as: SIMD16<UInt8>.self)
    }
    count &+= range.count
  }

  /// Appends a string that is usually short.
  /// - Parameter readable: Number of bytes that may be read, counted from the first byte of `values`.
  @inline(__always)
  public mutating func append(short values: UnsafeBufferPointer<Element>, readable: Int) {
    guard values.count <= 8, readable >= 8, let source = values.baseAddress else {
      return append(short: values)
    }
    if count &+ 8 > capacity { grow(to: count &+ 8) }
    let word = UnsafeRawPointer(source).loadUnaligned(as: UInt64.self)
    UnsafeMutableRawPointer(base + count).storeBytes(of: word, as: UInt64.self)
    count &+= values.count
  }

  /// Appends a string that is usually short.
  @inline(__always)
  public mutating func append(short values: UnsafeBufferPointer<Element>) {
    if count &+ values.count > capacity { grow(to: count &+ values.count) }
    if let source = values.baseAddress {
      ShortCopy.copy(UnsafeRawPointer(source), to: UnsafeMutableRawPointer(base + count), count: values.count)
    }
    count &+= values.count
  }
}

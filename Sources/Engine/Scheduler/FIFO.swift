/// A first-in, first-out queue. Memory of removed elements is freed in chunks, so a queue that never empties does not grow
/// forever.
struct FIFO<Element: Sendable>: Sendable {
  private var items: [Element] = []
  private var head = 0

  var count: Int { items.count - head }
  var first: Element? { head < items.count ? items[head] : nil }
  /// The waiting elements, in order.
  var waiting: ArraySlice<Element> { items[head...] }

  mutating func append(_ item: Element) { items.append(item) }

  mutating func append(contentsOf more: [Element]) { items.append(contentsOf: more) }

  mutating func popFirst() -> Element? {
    guard head < items.count else { return nil }
    let item = items[head]
    head += 1
    if head == items.count {
      items.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 1024, head * 2 >= items.count {
      items.removeFirst(head)
      head = 0
    }
    return item
  }

  mutating func removeAll(where isGone: (Element) -> Bool = { _ in true }) {
    items = items[head...].filter { !isGone($0) }
    head = 0
  }
}

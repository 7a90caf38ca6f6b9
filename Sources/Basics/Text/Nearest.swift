/// Finds the name that a user probably meant.
package enum Nearest {
  /// The candidate with the fewest edits from `name`, if it is close enough for a typo; the first of equals.
  /// Case does not count.
  package static func name(to name: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(1, min(name.count, 12) / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let distance = distance(name.lowercased(), candidate.lowercased())
      if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// `; did you mean 'clusters'?`, or nothing.
  package static func hint(_ name: String, among candidates: some Sequence<String>) -> String {
    self.name(to: name, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Edits (insert, delete, replace, transpose) between two words: the optimal string alignment distance.
  /// Words are cut at 64 characters, so that hostile ones cost nothing.
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.unicodeScalars.prefix(64))
    let b = Array(b.unicodeScalars.prefix(64))
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
        row.append(cost)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}

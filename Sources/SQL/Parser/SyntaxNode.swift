/// A node of PostgreSQL's parse tree, as libpg_query prints it: a kind, and members by name.
final class SyntaxNode {
  enum Value {
    case bool(Bool)
    case number(Int)
    case text(String)
    case list([SyntaxNode])
    case node(SyntaxNode)
  }

  /// `ColumnRef`, `A_Expr` …; empty where the member that holds the node allows one kind only.
  let kind: String
  private let members: [(name: String, value: Value)]

  init(kind: String, members: [(name: String, value: Value)]) {
    self.kind = kind
    self.members = members
  }

  func renamed(_ kind: String) -> SyntaxNode { SyntaxNode(kind: kind, members: members) }

  private func value(_ name: String) -> Value? { members.first { $0.name == name }?.value }

  func node(_ name: String) -> SyntaxNode? {
    if case .node(let node) = value(name) { node } else { nil }
  }

  func list(_ name: String) -> [SyntaxNode] {
    if case .list(let nodes) = value(name) { nodes } else { [] }
  }

  func text(_ name: String) -> String? {
    if case .text(let text) = value(name) { text } else { nil }
  }

  /// False if absent, as libpg_query leaves it out.
  func flag(_ name: String) -> Bool {
    if case .bool(let flag) = value(name) { flag } else { false }
  }

  /// 0 if absent, as libpg_query leaves it out.
  func number(_ name: String) -> Int {
    if case .number(let number) = value(name) { number } else { 0 }
  }

  func has(_ name: String) -> Bool { value(name) != nil }

  /// Byte offset in the whole text; -1 if the grammar records none.
  var location: Int { if case .number(let location) = value("location") { location } else { -1 } }

  /// The text of a `String` node.
  var string: String? { text("sval") }

  /// The texts of a list of `String` nodes, such as the parts of a qualified name.
  func strings(_ name: String) -> [String] { list(name).compactMap(\.string) }

  /// The first location in the node or below it, for nodes without one of their own.
  var nearestLocation: Int {
    if case .number(let own) = value("location"), own >= 0 { return own }
    var first = -1
    for (name, value) in members where name != "location" {
      let below: [SyntaxNode] =
        switch value {
        case .node(let node): [node]
        case .list(let nodes): nodes
        default: []
        }
      for node in below {
        let location = node.nearestLocation
        if location >= 0, first < 0 || location < first { first = location }
      }
    }
    return first
  }
}

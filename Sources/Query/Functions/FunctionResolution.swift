import Basics
import Columns

/// The overload that a call means.
package struct ResolvedFunction: Sendable {
  package let name: String
  package let overload: Overload
  /// The types that the arguments must be cast to.
  package let arguments: [ColumnType]
  package let result: ColumnType
}

extension Functions {
  /// Picks the overload for arguments of these types by PostgreSQL's rules: the most exact matches, then the most preferred types
  /// where a cast is needed, then the shortest casts.
  /// - Parameter argumentTypes: nil for an untyped literal or NULL, which fits every type.
  package static func resolve(
    _ name: String, argumentTypes: [ColumnType?]
  ) throws(QueryError) -> ResolvedFunction {
    let overloads = overloads(of: name)
    guard !overloads.isEmpty else {
      throw QueryError(
        "no function \(name)",
        hint: Nearest.name(to: name, among: all.lazy.map(\.name).filter { $0.first?.isLetter ?? false })
          .map { "did you mean \($0)?" })
    }
    // An untyped operand of an operator is first taken for the type of the other operand.
    if argumentTypes.count == 2, !(name.first?.isLetter ?? true),
      let known = argumentTypes[0] ?? argumentTypes[1], argumentTypes.contains(nil),
      let exact = best(name, overloads, [known, known], exactOnly: true)
    {
      return exact
    }
    if let found = best(name, overloads, argumentTypes, exactOnly: false) { return found }
    let types = argumentTypes.map { $0?.sqlName ?? "unknown" }
    let call =
      name.first?.isLetter ?? false || types.count != 2
      ? "\(name)(\(types.joined(separator: ", ")))" : "\(types[0]) \(name) \(types[1])"
    let candidates = overloads.prefix(8).map { "\(name)(\($0.parametersText))" }
    throw QueryError("no function \(call)", hint: "there is " + candidates.joined(separator: ", "))
  }

  private static func best(
    _ name: String, _ overloads: [Overload], _ types: [ColumnType?], exactOnly: Bool
  ) -> ResolvedFunction? {
    var best: (Overload.Match, ResolvedFunction)?
    for overload in overloads {
      guard let match = overload.match(types), !exactOnly || match.exact == types.count,
        let result = overload.result(match.types)
      else { continue }
      if let current = best?.0, !match.isBetter(than: current) { continue }
      best = (match, ResolvedFunction(name: name, overload: overload, arguments: match.types, result: result))
    }
    return best?.1
  }
}

extension Overload {
  /// How well arguments fit.
  struct Match {
    var types: [ColumnType] = []
    var exact = 0
    var preferred = 0
    /// Untyped arguments for a parameter of type text.
    var texts = 0
    var distance = 0

    func isBetter(than other: Match) -> Bool {
      if exact != other.exact { return exact > other.exact }
      if preferred != other.preferred { return preferred > other.preferred }
      if texts != other.texts { return texts > other.texts }
      return distance < other.distance
    }
  }

  /// - Returns: nil if they do not fit.
  func match(_ arguments: [ColumnType?]) -> Match? {
    guard arguments.count == parameters.count || isVariadic && arguments.count >= parameters.count,
      parameters.contains(.same) || arguments.count <= parameters.count || isVariadic
    else { return nil }
    let slots = arguments.indices.map { parameters[min($0, parameters.count - 1)] }
    var common: ColumnType?
    if slots.contains(.same) {
      common = ColumnType.common(zip(slots, arguments).filter { $0.0 == .same }.map(\.1))
      guard common != nil else { return nil }
    }
    if slots.contains(.element) {
      // The element type; lists count by theirs.
      var types: [ColumnType?] = []
      for (slot, argument) in zip(slots, arguments) {
        switch (slot, argument) {
        case (.list, .list(let element)?): types.append(element)
        case (.element, _): types.append(argument)
        case (.list, _): return nil
        default: break
        }
      }
      common = ColumnType.common(types)
      guard common != nil else { return nil }
    }
    var match = Match()
    for (slot, argument) in zip(slots, arguments) {
      guard match.add(slot, argument, common) else { return nil }
    }
    return match
  }

  /// `double precision, integer…`
  package var parametersText: String {
    parameters.map(\.text).joined(separator: ", ") + (isVariadic ? "…" : "")
  }
}

extension Overload.Match {
  fileprivate mutating func add(
    _ slot: Overload.Parameter, _ argument: ColumnType?, _ common: ColumnType?
  ) -> Bool {
    switch slot {
    case .exactly(let type):
      if let argument {
        guard let steps = argument.implicitDistance(to: type) else { return false }
        if steps == 0 { exact += 1 } else if type.isPreferred { preferred += 1 }
        distance += steps
      } else if type == .string {
        texts += 1
      }
      types.append(type)
    case .decimal:
      guard let argument else {
        types.append(.decimal(precision: 38, scale: 10))
        return true
      }
      guard let type = argument.asDecimal else { return false }
      if type == argument { exact += 1 }
      distance += argument.implicitDistance(to: type) ?? 0
      types.append(type)
    case .list:
      guard let argument, case .list = argument else { return false }
      let type = common.map { ColumnType.list($0) } ?? argument
      if type == argument { exact += 1 }
      types.append(type)
    case .structure:
      guard let argument, case .structure = argument else { return false }
      exact += 1
      types.append(argument)
    case .any:
      if argument != nil { exact += 1 }
      types.append(argument ?? .string)
    case .same, .element:
      guard let common else { return false }
      if argument == common { exact += 1 }
      types.append(common)
    }
    return true
  }
}

extension Overload.Parameter {
  package var text: String {
    switch self {
    case .exactly(let type): type.sqlName
    case .decimal: "decimal"
    case .list: "list"
    case .element: "element"
    case .structure: "struct"
    case .any: "any"
    case .same: "same"
    }
  }
}

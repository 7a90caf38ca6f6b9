import Basics
import Columns

/// The registry of scalar functions and operators.
package enum Functions {
  /// In the order of the reference.
  package static let groups: [FunctionGroup] = [
    Comparisons.group, Arithmetic.group, MathFunctions.group, TextFunctions.group, Matching.group,
    RegularFunctions.group, TimeFunctions.group, JSONFunctions.group, ListFunctions.group,
    HashFunctions.group,
    SystemFunctions.group,
  ]

  package static let all: [Function] = groups.flatMap(\.functions)

  /// Some names, such as `-`, are in several groups.
  private static let overloads: [String: [Overload]] = all.reduce(into: [:]) { result, function in
    result[function.name, default: []] += function.overloads
  }

  package static func overloads(of name: String) -> [Overload] { overloads[name] ?? [] }

  package static func isKnown(_ name: String) -> Bool { overloads[name] != nil }
}

/// Functions that stand together in the reference.
package struct FunctionGroup: Sendable {
  package let title: String
  package let functions: [Function]

  init(_ title: String, _ functions: [Function]) {
    self.title = title
    self.functions = functions
  }
}

extension Function {
  /// The same function by another name.
  func named(_ other: String) -> Function {
    Function(other, overloads, help: "The same as `\(name)`.", example: nil)
  }
}

import Query

extension Binder {
  /// WITH: its queries are bound where they are used.
  func addCommonTables(_ with: SyntaxNode) throws {
    if with.flag("recursive") { throw error("WITH RECURSIVE is not supported", with) }
    let before = commonTables.count
    for node in with.list("ctes") {
      let name = node.text("ctename") ?? ""
      if commonTables[before...].contains(where: { $0.name == name }) {
        throw error("WITH query \"\(name)\" is defined twice", node)
      }
      commonTables.append(CommonTable(name: name, node: node, visible: commonTables.count))
    }
  }

  func commonTable(_ index: Int) throws -> Relation {
    let common = commonTables[index]
    if let bound = common.bound {
      shared.tableCount += tableCount(bound.plan)
      return bound
    }
    let relation = try bound(common)
    commonTables[index].bound = relation
    return relation
  }

  private func bound(_ common: CommonTable) throws -> Relation {
    guard let select = common.node.node("ctequery"), select.kind == "SelectStmt" else {
      throw error("a WITH query is a SELECT", common.node)
    }
    let saved = commonTables
    commonTables = Array(saved.prefix(common.visible))
    defer { commonTables = saved }
    var relation = try query(select, outer: nil)
    let names = common.node.strings("aliascolnames")
    guard names.count <= relation.scope.entries.count else {
      throw error(
        "\"\(common.name)\" has \(relation.scope.entries.count) columns, not \(names.count)", common.node)
    }
    for (position, name) in names.enumerated() { relation.scope.entries[position].name = name }
    return relation
  }

  private func tableCount(_ plan: LogicalPlan) -> Int {
    plan.inputs.reduce(1) { $0 + tableCount($1) }
  }
}

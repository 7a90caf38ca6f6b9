/// A statement as parsed.
enum Statement {
  /// What DESCRIBE and SUMMARIZE look at.
  enum Subject {
    case name(WrittenName, position: Int)
    case query(SyntaxNode)
  }

  case query(SyntaxNode)
  case explain(SyntaxNode, isAnalyze: Bool)
  case describe(Subject)
  case summarize(Subject)
  case showTables
}

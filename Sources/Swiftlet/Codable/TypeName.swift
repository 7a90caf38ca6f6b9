/// The display name of a type. The optimizer writes a private type as `(WordCount in _0123ABCD)`, a debug build as `WordCount`;
/// both become `WordCount`.
func typeName(_ type: Any.Type) -> String {
  "\(type)".replacing(/\(([^() ]+) in _[0-9A-F]+\)/) { match in match.output.1 }
}

// The Spark counterpart of the segment step.
enum SegmentSpark {
  /// segment.py, preceded by the phrases that label segments.
  static var program: String {
    let phrases = ColumnPhrase.known.sorted { $0.key < $1.key }.map { name, phrase in
      "    \"\(name)\": (\"\(phrase.high)\", \"\(phrase.low)\", \"\(phrase.topic)\"),\n"
    }
    return "# What a column's high and low values say about a person, and its topic.\nPHRASES = {\n"
      + phrases.joined() + "}\n\n\n" + String(decoding: PackageResources.segment_py, as: UTF8.self)
  }
}

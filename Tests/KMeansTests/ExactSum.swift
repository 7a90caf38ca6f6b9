/// The sum of floats as integers of their smallest step, rounded once: what exact sums are compared with.
func exactSum(_ values: [Float]) -> Double {
  let steps = values.filter { $0 != 0 }.map { Int($0.exponent) - $0.significandWidth }
  guard let step = steps.min() else { return 0 }
  let unit = Double(sign: .plus, exponent: step, significand: 1)
  return Double(values.reduce(Int128(0)) { $0 + Int128(Double($1) / unit) }) * unit
}

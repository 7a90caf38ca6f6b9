/// Elementary functions made of the four operations. The C library picks code by CPU model (with or without fused multiply-add),
/// so its last bits would change the events of a seed; these give the same bits everywhere. Used only to build tables.
enum TableMath {
  private static let ln2 = 0.693_147_180_559_945_3

  static func exp(_ x: Double) -> Double {
    let n = (x / ln2).rounded()
    let r = x - n * ln2
    var term = 1.0
    var sum = 1.0
    for k in 1...18 {
      term = term * r / Double(k)
      sum += term
    }
    return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
  }

  /// - Parameter x: Over 0.
  static func log(_ x: Double) -> Double {
    let s = (x.significand - 1) / (x.significand + 1)
    var power = s
    var sum = 0.0
    for k in stride(from: 1, through: 39, by: 2) {
      sum += power / Double(k)
      power *= s * s
    }
    return 2 * sum + Double(x.exponent) * ln2
  }

  static func power(_ x: Double, _ y: Double) -> Double { exp(y * log(x)) }

  /// The inverse of the standard normal distribution function for 0 < p < 1, by P. J. Acklam's rational
  /// approximation (relative error under 1.2e-9).
  static func normalQuantile(_ p: Double) -> Double {
    if p > 0.5 { return -normalQuantile(1 - p) }
    if p < 0.02425 {
      let q = (-2 * log(p)).squareRoot()
      let top = polynomial(
        q,
        [
          -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
          4.374664141464968e+00, 2.938163982698783e+00,
        ])
      let bottom = polynomial(
        q, [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1])
      return top / bottom
    }
    let q = p - 0.5
    let top = polynomial(
      q * q,
      [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239e+00,
      ])
    let bottom = polynomial(
      q * q,
      [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01, 1,
      ])
    return q * top / bottom
  }

  /// Coefficients with the highest power first.
  private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }
}

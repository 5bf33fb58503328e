/// Small pieces of text the control plane forms the way Go does.
package enum GoText {
  /// What stands for bytes that are no UTF-8.
  package static let replacement: Unicode.Scalar = "\u{FFFD}"

  /// The text of bytes that are no valid UTF-8: every byte that starts no valid sequence becomes one U+FFFD. This is how
  /// binary frames of a viewer are mangled in the profile `shipped` (spec/07 §3 no. 15).
  package static func repaired(_ bytes: some Collection<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    var rest = bytes[...]
    while let first = rest.first {
      let length = sequenceLength(first)
      let sequence = rest.prefix(length)
      if length > 0, sequence.count == length, let text = String(validating: sequence, as: UTF8.self) {
        scalars.append(contentsOf: text.unicodeScalars)
        rest = rest.dropFirst(length)
      } else {
        scalars.append(replacement)
        rest = rest.dropFirst()
      }
    }
    return String(scalars)
  }

  private static func sequenceLength(_ first: UInt8) -> Int {
    switch first {
    case 0..<0x80: 1
    case 0xc2..<0xe0: 2
    case 0xe0..<0xf0: 3
    case 0xf0..<0xf5: 4
    default: 0
    }
  }

  /// A number as `encoding/json` writes a float64: shortest digits, plain between 1e-6 and 1e21, else with exponent.
  package static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == 0 { return value.sign == .minus ? "-0" : "0" }
    let sign = value < 0 ? "-" : ""
    let (digits, exponent) = decimal(value.magnitude)
    let magnitude = value.magnitude
    if magnitude < 1e-6 || magnitude >= 1e21 {
      let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
      return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(abs(exponent))"
    }
    if exponent < 0 {
      return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)"
    }
    if digits.count <= exponent + 1 {
      return "\(sign)\(digits)\(String(repeating: "0", count: exponent + 1 - digits.count))"
    }
    return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
  }

  /// Shortest significant digits without trailing zeros, and the power of ten of the first one.
  private static func decimal(_ magnitude: Double) -> (digits: String, exponent: Int) {
    let parts = magnitude.description.split(separator: "e")
    let mantissa = parts.first ?? "0"
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    let whole = halves.first.map(String.init) ?? ""
    let all = whole + (halves.count > 1 ? halves[1] : "")
    exponent += whole.count - 1
    let leading = all.prefix { $0 == "0" }.count
    exponent -= leading
    var digits = String(all.dropFirst(leading))
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    return (digits, exponent)
  }

  /// A state with its first letter in upper case: the `phase` of an answer (spec/01 §4.1).
  package static func phase(of state: String) -> String {
    state.prefix(1).uppercased() + state.dropFirst()
  }
}

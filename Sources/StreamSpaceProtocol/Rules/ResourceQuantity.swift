/// A Kubernetes resource quantity (spec/02 §7.2), read exactly as the API machinery reads it.
///
/// The value is `mantissa * 10^decimalExponent * 2^binaryExponent`, in integers; amounts too large for the arithmetic
/// stay at its end, far above every limit.
package struct ResourceQuantity: Sendable, Hashable {
  private let isNegative: Bool
  private let mantissa: UInt128
  private let decimalExponent: Int
  private let binaryExponent: Int

  /// Why a text is no quantity, with the text of the API machinery.
  package enum ParseError: String, Error, Sendable, Hashable {
    case format =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    case suffix = "unable to parse quantity's suffix"
  }

  /// Reads a text such as `1500m`, `1.5Gi`, `2e3`.
  package init(_ text: String) throws(ParseError) {
    var rest = Array(text.utf8)[...]
    guard !rest.isEmpty else { throw .format }
    isNegative = rest.first == UInt8(ascii: "-")
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let whole = rest.prefix(while: ResourceQuantity.isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction = rest.prefix(0)
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      fraction = rest.prefix(while: ResourceQuantity.isDigit)
      rest = rest.dropFirst(fraction.count)
    }
    let suffix = rest
    rest = rest.drop { "eEinumkKMGTP".utf8.contains($0) }
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+"), !suffix.isEmpty { rest = rest.dropFirst() }
    rest = rest.drop(while: ResourceQuantity.isDigit)
    guard rest.isEmpty else { throw .format }
    guard let scale = ResourceQuantity.scale(String(decoding: suffix, as: UTF8.self)) else { throw .suffix }

    // Digits beyond the 30th of the fraction can only round up; they are kept as one more digit that is not zero.
    let kept = fraction.prefix(30)
    var digits = Array(whole) + Array(kept)
    var places = kept.count
    if fraction.dropFirst(30).contains(where: { $0 != UInt8(ascii: "0") }) {
      digits.append(UInt8(ascii: "1"))
      places += 1
    }
    mantissa = digits.reduce(UInt128(0)) { value, digit in
      ResourceQuantity.sum(ResourceQuantity.product(value, 10), UInt128(digit - UInt8(ascii: "0")))
    }
    decimalExponent = max(-100, min(100, scale.decimal)) - places
    binaryExponent = scale.binary
  }

  /// Thousandths, rounded away from zero: what `cpu` means.
  package var milli: Int64 { scaled(byPowerOfTen: 3) }

  /// Whole units, rounded away from zero: bytes for `memory`.
  package var units: Int64 { scaled(byPowerOfTen: 0) }

  /// Mebibytes: whole bytes by integer division.
  package var mebibytes: Int64 { units / 1_048_576 }

  private func scaled(byPowerOfTen power: Int) -> Int64 {
    var value = ResourceQuantity.product(mantissa, UInt128(1) << UInt128(binaryExponent))
    let exponent = decimalExponent + power
    if exponent >= 0 {
      for _ in 0..<exponent { value = ResourceQuantity.product(value, 10) }
    } else {
      var inexact = false
      for _ in 0..<(-exponent) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
        inexact = inexact || remainder != 0
        value = quotient
      }
      if inexact { value = ResourceQuantity.sum(value, 1) }
    }
    let magnitude = Int64(clamping: value)
    return isNegative ? -magnitude : magnitude
  }

  private static func scale(_ suffix: String) -> (decimal: Int, binary: Int)? {
    switch suffix {
    case "": return (0, 0)
    case "n": return (-9, 0)
    case "u": return (-6, 0)
    case "m": return (-3, 0)
    case "k": return (3, 0)
    case "M": return (6, 0)
    case "G": return (9, 0)
    case "T": return (12, 0)
    case "P": return (15, 0)
    case "E": return (18, 0)
    case "Ki": return (0, 10)
    case "Mi": return (0, 20)
    case "Gi": return (0, 30)
    case "Ti": return (0, 40)
    case "Pi": return (0, 50)
    case "Ei": return (0, 60)
    default:
      guard suffix.count > 1, suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst())
      else { return nil }
      return (exponent, 0)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func product(_ left: UInt128, _ right: UInt128) -> UInt128 {
    let (value, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? .max : value
  }

  private static func sum(_ left: UInt128, _ right: UInt128) -> UInt128 {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : value
  }
}

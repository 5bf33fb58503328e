/// Integers in the strict form Redis accepts: no blanks, no plus sign, no leading zeros, no minus zero, 64 bits.
package enum RESPNumber {
  /// The number that these bytes spell, or nil.
  package static func integer(_ bytes: some Collection<UInt8>) -> Int64? {
    var iterator = bytes.makeIterator()
    guard var byte = iterator.next() else { return nil }
    var negative = false
    if byte == UInt8(ascii: "-") {
      guard let next = iterator.next() else { return nil }
      negative = true
      byte = next
    }
    if byte == UInt8(ascii: "0") {
      return negative || iterator.next() != nil ? nil : 0
    }
    var magnitude: UInt64 = 0
    var current: UInt8? = byte
    while let digit = current {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      guard !overflow, !carry else { return nil }
      magnitude = sum
      current = iterator.next()
    }
    if negative {
      return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }
}

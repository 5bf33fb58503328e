/// The version that rules a connection.
package enum ProtocolVersion: Int, Comparable, Sendable, CaseIterable {
  case v33 = 3
  case v37 = 7
  case v38 = 8

  package static func < (one: ProtocolVersion, other: ProtocolVersion) -> Bool { one.rawValue < other.rawValue }

  /// What a minor number of major version 3 stands for: below 7 is 3.3, from 8 on 3.8.
  package init(minor: Int) { self = minor < 7 ? .v33 : minor == 7 ? .v37 : .v38 }

  /// The twelve bytes of its line.
  package var line: [UInt8] { Array("RFB 003.00\(rawValue)\n".utf8) }
}

/// A way to prove who a client is.
package enum SecurityType {
  package static let none: UInt8 = 1
  package static let vncAuthentication: UInt8 = 2
}

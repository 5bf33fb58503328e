/// A typed message or body: it travels as a value inside one process and becomes bytes only where bytes matter.
package protocol WireEncodable: JSONConvertible, Sendable {
  /// How many bytes the encoding takes, without making it. An estimate unless the type says that it is exact; it is
  /// used for bandwidth, never for a decision that must be right to the byte.
  var estimatedByteCount: Int { get }
}

extension WireEncodable {
  /// A body of usual size: the recorded bodies of one session or agent have 60 to 700 bytes.
  package var estimatedByteCount: Int { 320 }

  /// The bytes of the compact rendering, as Go's `encoding/json` writes them.
  package var encoded: [UInt8] { JSONWriter.bytes(of: json) }
}

/// A typed message or body that can be read from a document.
package protocol WireDecodable: Sendable {
  /// Reads the value; keys that it does not know are ignored, as Go's decoder does.
  init(json: JSONValue) throws(WireError)
}

extension WireDecodable {
  /// Parses and reads a complete document.
  package init(decoding bytes: [UInt8], limits: JSONLimits = .standard) throws(WireError) {
    try self.init(json: JSONParser.parse(bytes, limits: limits))
  }
}

/// Both directions.
package typealias WireCodable = WireEncodable & WireDecodable

extension JSONValue: WireEncodable, WireDecodable {
  package init(json: JSONValue) throws(WireError) { self = json }
}

import StreamSpaceProtocol

/// Reads the fields of a campaign's file; each error names the field.
struct CampaignFields {
  private let value: JSONValue

  init(_ value: JSONValue) { self.value = value }

  func inside(_ name: String) throws(CampaignFileError) -> CampaignFields {
    guard let inner = value[name], inner.members != nil else { throw wrong(name, "object") }
    return CampaignFields(inner)
  }

  func list(_ name: String) throws(CampaignFileError) -> [CampaignFields] {
    guard let elements = value[name]?.elements else { throw wrong(name, "list") }
    return elements.map(CampaignFields.init)
  }

  func texts(_ name: String) throws(CampaignFileError) -> [String] {
    guard let elements = value[name]?.elements else { throw wrong(name, "list") }
    let texts = elements.compactMap(\.text)
    guard texts.count == elements.count else { throw wrong(name, "list of texts") }
    return texts
  }

  func text(_ name: String) throws(CampaignFileError) -> String {
    guard let text = value[name]?.text else { throw wrong(name, "text") }
    return text
  }

  func flag(_ name: String) throws(CampaignFileError) -> Bool {
    guard let flag = value[name]?.flag else { throw wrong(name, "truth value") }
    return flag
  }

  /// From 0 on.
  func number(_ name: String) throws(CampaignFileError) -> Int {
    guard let number = value[name]?.integer, number >= 0 else { throw wrong(name, "number from 0 on") }
    return Int(number)
  }

  func seed(_ name: String) throws(CampaignFileError) -> UInt64 {
    guard let seed = try optionalSeed(name) else { throw wrong(name, "seed") }
    return seed
  }

  /// Nil for null.
  func optionalSeed(_ name: String) throws(CampaignFileError) -> UInt64? {
    if value[name] == .null { return nil }
    guard let seed = value[name]?.text.flatMap({ UInt64($0) }) else { throw wrong(name, "seed") }
    return seed
  }

  /// Nil for null.
  func optionalText(_ name: String) throws(CampaignFileError) -> String? {
    value[name] == .null ? nil : try text(name)
  }

  static func feature(_ text: String) throws(CampaignFileError) -> UInt64 {
    guard let feature = UInt64(text, radix: 16) else { throw CampaignFileError("'\(text)' is no feature") }
    return feature
  }

  private func wrong(_ name: String, _ kind: String) -> CampaignFileError {
    CampaignFileError("field '\(name)' is missing or no \(kind)")
  }
}

extension JSONValue {
  /// A seed may exceed what JSON readers take for a number.
  static func seed(_ seed: UInt64) -> JSONValue { .string(String(seed)) }

  static func feature(_ feature: UInt64) -> JSONValue { .string(String(feature, radix: 16)) }
}

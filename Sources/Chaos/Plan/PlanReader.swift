import StreamSpaceProtocol

/// One object of a plan's document; every error names the field.
struct PlanReader {
  let path: String
  private let members: JSONObject

  init(_ value: JSONValue, at path: String) throws(ChaosPlanError) {
    guard let members = value.members else { throw ChaosPlanError(path, "it is no JSON object") }
    self.path = path
    self.members = members
  }

  func field(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Refuses fields that nobody reads: a slip of the pen must not change a plan in silence.
  func allow(_ keys: [String]) throws(ChaosPlanError) {
    for member in members.members where !keys.contains(member.key) {
      throw ChaosPlanError(field(member.key), "there is no such field; there are \(keys.joined(separator: ", "))")
    }
  }

  var keys: [String] { members.members.map(\.key) }

  func value(_ key: String) throws(ChaosPlanError) -> JSONValue {
    guard let value = members[key] else { throw ChaosPlanError(field(key), "it is missing") }
    return value
  }

  func has(_ key: String) -> Bool { members[key] != nil }

  func text(_ key: String) throws(ChaosPlanError) -> String {
    guard let text = try value(key).text else { throw ChaosPlanError(field(key), "it is no text") }
    return text
  }

  func flag(_ key: String) throws(ChaosPlanError) -> Bool {
    guard let flag = try value(key).flag else { throw ChaosPlanError(field(key), "it is neither true nor false") }
    return flag
  }

  func number(_ key: String, in range: ClosedRange<Int>) throws(ChaosPlanError) -> Int {
    guard let number = try value(key).integer, let number = Int(exactly: number), range.contains(number) else {
      throw ChaosPlanError(field(key), "it is no number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A span of time. `signed`: it may be negative.
  func span(_ key: String, signed: Bool = false) throws(ChaosPlanError) -> Duration {
    let text = try text(key)
    guard let span = SpanText.span(of: text), signed || span >= .zero else {
      throw ChaosPlanError(field(key), "'\(text)' is no time like '12.5 s' of at most two days")
    }
    return span
  }

  func choice<Value: RawRepresentable & CaseIterable>(_ key: String) throws(ChaosPlanError) -> Value
  where Value.RawValue == String {
    let text = try text(key)
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw ChaosPlanError(field(key), "'\(text)' is unknown; there are \(known)")
    }
    return value
  }

  func target(_ key: String) throws(ChaosPlanError) -> ChaosTarget {
    let text = try text(key)
    guard let target = ChaosTarget(text) else { throw ChaosPlanError(field(key), "'\(text)' is no target") }
    return target
  }

  /// The two ends of a link.
  func ends(_ key: String) throws(ChaosPlanError) -> (ChaosTarget, ChaosTarget) {
    let texts = try value(key).elements?.compactMap(\.text) ?? []
    guard texts.count == 2 else { throw ChaosPlanError(field(key), "it is no list of two targets") }
    guard let a = ChaosTarget(texts[0]) else { throw ChaosPlanError(field(key), "'\(texts[0])' is no target") }
    guard let b = ChaosTarget(texts[1]) else { throw ChaosPlanError(field(key), "'\(texts[1])' is no target") }
    return (a, b)
  }

  func object(_ key: String) throws(ChaosPlanError) -> PlanReader {
    try PlanReader(try value(key), at: field(key))
  }

  func objects(_ key: String, atMost most: Int) throws(ChaosPlanError) -> [PlanReader] {
    guard let elements = try value(key).elements else { throw ChaosPlanError(field(key), "it is no list") }
    guard elements.count <= most else { throw ChaosPlanError(field(key), "it has more than \(most) elements") }
    var readers: [PlanReader] = []
    for (index, element) in elements.enumerated() {
      readers.append(try PlanReader(element, at: "\(field(key))[\(index)]"))
    }
    return readers
  }
}

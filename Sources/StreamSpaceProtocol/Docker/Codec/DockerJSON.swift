/// Pieces that several bodies of the Engine API share.
enum DockerJSON {
  /// What the engine writes for a time that never came.
  static let never = "0001-01-01T00:00:00Z"

  static func time(_ time: Timestamp?) -> String { time?.rfc3339 ?? never }

  static func optionalTime(_ reader: JSONReader, _ key: String) throws(WireError) -> Timestamp? {
    if try reader.optionalText(key) == never { return nil }
    return try reader.optionalTime(key)
  }

  /// A map of texts, keys in order.
  static func map(_ labels: Labels) -> JSONObject {
    JSONObject(labels.pairs.map { JSONObject.Member(key: $0.key, value: .string($0.value)) })
  }

  /// A map of texts; null and absent are empty.
  static func labels(_ reader: JSONReader, _ key: String) throws(WireError) -> Labels {
    guard let object = try reader.optionalObject(key) else { return Labels() }
    var labels = Labels()
    for member in object.members {
      guard case .string(let text) = member.value else {
        throw .typeMismatch(path: "\(key).\(member.key)", expected: "string", found: member.value.kind)
      }
      labels[member.key] = text
    }
    return labels
  }

  /// Null when the list is empty, as Go writes a nil slice.
  static func nullable(_ texts: [String]) -> JSONValue { texts.isEmpty ? .null : texts.json }

  static func wide(_ reader: JSONReader, _ key: String) throws(WireError) -> Int64 {
    Int64(try reader.optionalInteger(key) ?? 0)
  }

  /// Keys of a set such as `{"3000/tcp":{}}`, in order.
  static func set(_ keys: [String]) -> JSONObject {
    JSONObject(keys.map { JSONObject.Member(key: $0, value: .object(JSONObject())) })
  }

  static func keys(_ reader: JSONReader, _ key: String) throws(WireError) -> [String] {
    try reader.optionalObject(key)?.members.map(\.key).sorted() ?? []
  }
}

extension DockerFilters {
  /// The text of the `filters` parameter.
  package var text: String {
    JSONWriter.text(
      of: .object(JSONObject(entries.map { JSONObject.Member(key: $0.key, value: $0.values.json) })))
  }

  /// Reads both forms of the parameter: `{"label":["a=b"]}` and the older `{"label":{"a=b":true}}`; nil or empty: none.
  package init(parameter text: String?) throws(DockerFailure) {
    self.init()
    guard let text, !text.isEmpty else { return }
    let json: JSONValue
    do throws(WireError) { json = try JSONParser.parse(text) } catch { throw .brokenFilters }
    guard case .object(let object) = json else { throw .brokenFilters }
    for member in object.members {
      switch member.value {
      case .array(let values): for value in values { add(member.key, value.text ?? "") }
      case .object(let values): for value in values.members { add(member.key, value.key) }
      default: throw .brokenFilters
      }
    }
  }
}

/// Reads the members of one object into a typed model; a mismatch names the key.
///
/// Null counts as absent, as it leaves a Go field at its zero value.
package struct JSONReader {
  /// The members that are read.
  package let object: JSONObject

  /// Reads from a document that must be an object; `goType` names the expectation in the error.
  package init(_ json: JSONValue, _ goType: String = "map") throws(WireError) {
    guard case .object(let object) = json else {
      throw .typeMismatch(path: "", expected: goType, found: json.kind)
    }
    self.object = object
  }

  /// The value under a key, nil when it is absent or null.
  package func value(_ key: String) -> JSONValue? {
    guard let value = object[key], value != .null else { return nil }
    return value
  }

  /// A text, nil when absent.
  package func optionalText(_ key: String) throws(WireError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else { throw mismatch(key, "string", value) }
    return text
  }

  /// A text that must be there.
  package func text(_ key: String) throws(WireError) -> String {
    guard let text = try optionalText(key) else { throw .missing(path: key) }
    return text
  }

  /// A text, or the given one when absent.
  package func text(_ key: String, default absent: String) throws(WireError) -> String {
    try optionalText(key) ?? absent
  }

  /// A truth value, nil when absent.
  package func optionalFlag(_ key: String) throws(WireError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .bool(let flag) = value else { throw mismatch(key, "bool", value) }
    return flag
  }

  /// A truth value that must be there.
  package func flag(_ key: String) throws(WireError) -> Bool {
    guard let flag = try optionalFlag(key) else { throw .missing(path: key) }
    return flag
  }

  /// An integer, nil when absent.
  package func optionalInteger(_ key: String) throws(WireError) -> Int? {
    guard let value = value(key) else { return nil }
    guard case .int(let number) = value else { throw mismatch(key, "int", value) }
    return Int(number)
  }

  /// An integer that must be there.
  package func integer(_ key: String) throws(WireError) -> Int {
    guard let number = try optionalInteger(key) else { throw .missing(path: key) }
    return number
  }

  /// A point in time, nil when absent.
  package func optionalTime(_ key: String) throws(WireError) -> Timestamp? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else { throw mismatch(key, "time.Time", value) }
    guard let time = Timestamp(rfc3339: text) else {
      throw .invalid(path: key, reason: "parsing time \"\(text)\": not an RFC 3339 time")
    }
    return time
  }

  /// A point in time that must be there.
  package func time(_ key: String) throws(WireError) -> Timestamp {
    guard let time = try optionalTime(key) else { throw .missing(path: key) }
    return time
  }

  /// A list of texts, nil when absent.
  package func optionalTexts(_ key: String) throws(WireError) -> [String]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value else { throw mismatch(key, "[]string", value) }
    var texts: [String] = []
    texts.reserveCapacity(elements.count)
    for element in elements {
      guard case .string(let text) = element else { throw mismatch(key, "string", element) }
      texts.append(text)
    }
    return texts
  }

  /// An object, nil when absent.
  package func optionalObject(_ key: String) throws(WireError) -> JSONObject? {
    guard let value = value(key) else { return nil }
    guard case .object(let object) = value else { throw mismatch(key, "map[string]interface {}", value) }
    return object
  }

  /// A nested model, nil when absent.
  package func optional<Model: WireDecodable>(
    _ key: String, as type: Model.Type = Model.self
  ) throws(WireError) -> Model? {
    guard let value = value(key) else { return nil }
    do throws(WireError) {
      return try Model(json: value)
    } catch {
      throw error.within(key)
    }
  }

  /// A nested model that must be there.
  package func model<Model: WireDecodable>(_ key: String, as type: Model.Type = Model.self) throws(WireError) -> Model {
    guard let model = try optional(key, as: type) else { throw .missing(path: key) }
    return model
  }

  /// A list of models, nil when absent.
  package func optionalList<Model: WireDecodable>(
    _ key: String, of type: Model.Type = Model.self
  ) throws(WireError) -> [Model]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value else { throw mismatch(key, "[]", value) }
    var models: [Model] = []
    models.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      do throws(WireError) {
        models.append(try Model(json: element))
      } catch {
        throw error.within("\(key).\(index)")
      }
    }
    return models
  }

  /// A list of models that must be there.
  package func list<Model: WireDecodable>(_ key: String, of type: Model.Type = Model.self) throws(WireError) -> [Model]
  {
    guard let models = try optionalList(key, of: type) else { throw .missing(path: key) }
    return models
  }

  private func mismatch(_ key: String, _ expected: String, _ value: JSONValue) -> WireError {
    .typeMismatch(path: key, expected: expected, found: value.kind)
  }
}

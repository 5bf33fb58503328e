import StreamSpaceProtocol

/// One body or frame of a transcript, with the model that must carry it.
struct Exhibit {
  /// Who wrote it decides how exactly it must come out again.
  enum Fidelity {
    /// Written by StreamSpace: bytes must come out equal, order of keys included.
    case exact
    /// Written by the clients and fakes of the captures: every field equal, in any order, times by value.
    case fieldForField
  }

  /// What stands in the table of exceptions: kind, route, status or frame type; ids replaced.
  var label: String
  /// Where it is: transcript and second.
  var place: String
  var document: JSONValue
  var fidelity: Fidelity
  /// Decodes with the model and encodes again.
  var roundTrip: (JSONValue) throws -> JSONValue

  /// What went wrong, nil when the exhibit came out as it went in.
  var fault: String? {
    do {
      // Through bytes, so that parser, model and writer are all part of the proof.
      let bytes = JSONWriter.bytes(of: document)
      let result = try roundTrip(JSONParser.parse(bytes))
      switch fidelity {
      case .exact:
        let again = JSONWriter.bytes(of: result)
        return again == bytes
          ? nil : "came out as \(String(decoding: again, as: UTF8.self)), was \(String(decoding: bytes, as: UTF8.self))"
      case .fieldForField:
        return result.normalised.isEquivalent(to: document.normalised)
          ? nil : "came out as \(JSONWriter.text(of: result)), was \(JSONWriter.text(of: document))"
      }
    } catch {
      return "\(error)"
    }
  }
}

extension JSONValue {
  /// Times in the form StreamSpace writes: the captures' own client left trailing zeros.
  fileprivate var normalised: JSONValue {
    switch self {
    case .string(let text): Timestamp(rfc3339: text)?.json ?? self
    case .array(let elements): .array(elements.map(\.normalised))
    case .object(let object):
      .object(JSONObject(object.members.map { .init(key: $0.key, value: $0.value.normalised) }))
    default: self
    }
  }
}

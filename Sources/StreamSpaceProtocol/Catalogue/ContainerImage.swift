/// A container image of the fixture file with how its pull goes (spec/06 §10.3).
package struct ContainerImage: WireCodable, Hashable {
  /// How long it takes until the image is on the node.
  package enum PullClass: String, Sendable, Hashable, CaseIterable, JSONConvertible {
    /// On every node already: 2 s in the median, the wait for the next poll included.
    case cached
    /// Pulled by the first start on a node: 8 to 18 s; cached there afterwards.
    case cold
    /// The registry refuses: 60 s, then the start fails.
    case failing
  }

  /// Name with tag, as it stands in a manifest.
  package var name: String
  package var pull: PullClass

  package init(name: String, pull: PullClass) {
    self.name = name
    self.pull = pull
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    name = try reader.text("name")
    let text = try reader.text("pull")
    guard let pull = PullClass(rawValue: text) else {
      throw .invalid(path: "pull", reason: "unknown class '\(text)'")
    }
    self.pull = pull
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("name", name)
    object.add("pull", pull)
    return .object(object)
  }

  /// Decodes the fixture file.
  package static func decodeAll(_ bytes: [UInt8]) throws(WireError) -> [ContainerImage] {
    try decodeList(bytes)
  }
}

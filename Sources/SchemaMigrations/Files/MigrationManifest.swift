import StreamSpaceProtocol

/// What `manifest.json` says of the migrations beside it: the list a runner goes by.
package struct MigrationManifest: Sendable, Equatable {
  /// One version.
  package struct Entry: Sendable, Equatable {
    package var version: Int
    package var name: String
    /// File that brings the version.
    package var up: String
    /// File that takes it back; the base has none.
    package var down: String?
    package var isCompatible: Bool
    package var effects: DeclaredEffects

    package init(
      version: Int, name: String, up: String, down: String?, isCompatible: Bool = false,
      effects: DeclaredEffects = DeclaredEffects()
    ) {
      self.version = version
      self.name = name
      self.up = up
      self.down = down
      self.isCompatible = isCompatible
      self.effects = effects
    }
  }

  package var entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  /// Reads the document.
  package init(json: [UInt8]) throws(WireError) {
    let document = try JSONReader(JSONParser.parse(json))
    var entries: [Entry] = []
    for case .object(let object) in document.object["migrations"].elements {
      let reader = try JSONReader(.object(object))
      var backfills: [String: String] = [:]
      for member in try reader.optionalObject("backfills")?.members ?? [] {
        if case .string(let expression) = member.value { backfills[member.key] = expression }
      }
      entries.append(
        Entry(
          version: try reader.integer("version"), name: try reader.text("name"), up: try reader.text("up"),
          down: try reader.optionalText("down"), isCompatible: try reader.flag("compatible"),
          effects: DeclaredEffects(
            adds: try reader.optionalTexts("adds") ?? [], backfills: backfills,
            loses: try reader.optionalTexts("loses") ?? [])))
    }
    self.entries = entries
  }
}

extension JSONValue? {
  /// The elements of an array; none of anything else.
  fileprivate var elements: [JSONValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }
}

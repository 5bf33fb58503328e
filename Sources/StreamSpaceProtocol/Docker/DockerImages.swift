/// An image as inspect and list show it. Layers are not modelled.
package struct ImageInspection: Sendable, Hashable {
  /// `sha256:` and 64 digits.
  package var id: String
  /// `name:tag`.
  package var tags: [String]
  /// In bytes.
  package var size: Int64

  package init(id: String, tags: [String], size: Int64) {
    self.id = id
    self.tags = tags
    self.size = size
  }
}

/// A reference to an image, in the parts of a pull.
package struct ImageReference: Sendable, Hashable {
  package var name: String
  /// A tag, or a digest with its `sha256:`.
  package var tag: String

  package init(name: String, tag: String) {
    self.name = name
    self.tag = tag.isEmpty ? ImageReference.defaultTag : tag
  }

  /// Reads `name`, `name:tag` or `name@digest`; a colon before the last slash is part of the registry's name.
  package init(_ text: String) {
    if let at = text.firstIndex(of: "@") {
      self.init(name: String(text[..<at]), tag: String(text[text.index(after: at)...]))
    } else if let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") {
      self.init(name: String(text[..<colon]), tag: String(text[text.index(after: colon)...]))
    } else {
      self.init(name: text, tag: ImageReference.defaultTag)
    }
  }

  /// What a reference without tag means.
  package static let defaultTag = "latest"

  /// `name:tag`, or `name@digest`.
  package var text: String { tag.contains(":") ? "\(name)@\(tag)" : "\(name):\(tag)" }
}

/// One line of the progress stream of a pull.
package struct PullProgress: Sendable, Hashable {
  package var status: String
  package var id: String?
  /// The pull has failed: an error can come after the headers said 200.
  package var error: String?

  package init(status: String, id: String? = nil, error: String? = nil) {
    self.status = status
    self.id = id
    self.error = error
  }
}

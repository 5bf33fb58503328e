/// Which objects a list or a watch holds, by field (spec/04 §4.1: `metadata.name=`, `status.phase=`).
package struct FieldSelector: Sendable, Hashable {
  /// The fields that can be selected by.
  package enum Field: String, Sendable, Hashable, CaseIterable {
    case name = "metadata.name"
    case namespace = "metadata.namespace"
    /// Pods only.
    case phase = "status.phase"
    /// Pods only.
    case node = "spec.nodeName"
  }

  /// One requirement on one field.
  package struct Requirement: Sendable, Hashable {
    package var field: Field
    package var value: String
    /// `=`, or `!=`.
    package var isEqual: Bool

    package init(_ field: Field, _ value: String, isEqual: Bool = true) {
      self.field = field
      self.value = value
      self.isEqual = isEqual
    }
  }

  /// All must hold.
  package var requirements: [Requirement]

  package init(_ requirements: [Requirement] = []) { self.requirements = requirements }

  /// Every object.
  package static let everything = FieldSelector()

  /// The object of that name.
  package static func name(_ name: String) -> FieldSelector { FieldSelector([Requirement(.name, name)]) }

  package func matches(_ object: KubernetesObject) -> Bool {
    requirements.allSatisfy { requirement in
      (Self.value(of: requirement.field, in: object) == requirement.value) == requirement.isEqual
    }
  }

  /// Empty for a field the kind does not have.
  private static func value(of field: Field, in object: KubernetesObject) -> String {
    switch field {
    case .name: object.metadata.name
    case .namespace: object.metadata.namespace
    case .phase: object.pod?.phase.rawValue ?? ""
    case .node: object.pod?.nodeName ?? ""
    }
  }

  /// Whether the API server knows the fields for a kind; another field is answered with 400.
  package func isSupported(by kind: KubernetesKind) -> Bool {
    requirements.allSatisfy { $0.field == .name || $0.field == .namespace || kind == .pod }
  }

  /// Reads the text of a `fieldSelector` parameter; nil when it is none.
  package init?(_ text: String) {
    var requirements: [Requirement] = []
    for part in text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
      let isEqual = !part.contains("!=")
      let halves = part.split(
        separator: isEqual ? (part.contains("==") ? "==" : "=") : "!=", omittingEmptySubsequences: false)
      guard halves.count == 2, let field = Field(rawValue: String(halves[0])), !halves[1].contains("=") else {
        return nil
      }
      requirements.append(Requirement(field, String(halves[1]), isEqual: isEqual))
    }
    self.requirements = requirements
  }
}

extension FieldSelector: CustomStringConvertible {
  /// The text of the `fieldSelector` parameter.
  package var description: String {
    requirements.map { "\($0.field.rawValue)\($0.isEqual ? "=" : "!=")\($0.value)" }.joined(separator: ",")
  }
}

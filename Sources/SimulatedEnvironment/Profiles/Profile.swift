/// What the components do: `contract`, or `contract+ID+…` with defects switched on (DESIGN §4).
public struct Profile: Sendable {
  /// As the user wrote it, in canonical form.
  public let name: String
  /// In the order given.
  public let defects: [Defect]

  public static let contract = Profile(name: "contract", defects: [])

  /// The contract with one defect switched on.
  public init(_ defect: Defect) { self.init(name: "contract+\(defect.id)", defects: [defect]) }

  private init(name: String, defects: [Defect]) {
    self.name = name
    self.defects = defects
  }

  /// Reads `contract` or `contract+B-01+…`. Throws ``ProfileError`` for anything else.
  public init(_ text: String) throws(ProfileError) {
    let parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    guard let base = parts.first, base == "contract" else { throw .unknownBase(text) }
    var defects: [Defect] = []
    for part in parts.dropFirst() {
      guard let defect = DefectCatalogue.defect(part) else { throw .unknownDefect(part) }
      if !defects.contains(where: { $0.id == defect.id }) { defects.append(defect) }
    }
    self.defects = defects
    name = (["contract"] + defects.map(\.id)).joined(separator: "+")
  }

  var behaviours: Behaviours {
    var behaviours = Behaviours()
    for defect in defects { defect.apply(&behaviours) }
    return behaviours
  }
}

/// A profile that does not exist.
public enum ProfileError: Error, Sendable, CustomStringConvertible {
  case unknownBase(String)
  case unknownDefect(String)

  public var description: String {
    switch self {
    case .unknownBase(let text): "'\(text)' is no profile: write contract, or contract+ID with ids of defects"
    case .unknownDefect(let text):
      "'\(text)' is no defect: there are \(DefectCatalogue.all.map(\.id).joined(separator: ", "))"
    }
  }
}

/// Which objects a list holds: all requirements must hold (spec/04 §4.1: `a=b,c!=d,e in (f,g),!h,i`).
package struct LabelSelector: Sendable, Hashable {
  /// One requirement on one key.
  package enum Requirement: Sendable, Hashable {
    case equals(String, String)
    /// Also holds when the key is absent.
    case differs(String, String)
    case oneOf(String, [String])
    /// Also holds when the key is absent.
    case noneOf(String, [String])
    case exists(String)
    case absent(String)

    /// Whether it holds for these labels.
    package func matches(_ labels: Labels) -> Bool {
      switch self {
      case .equals(let key, let value): labels[key] == value
      case .differs(let key, let value): labels[key] != value
      case .oneOf(let key, let values): labels[key].map(values.contains) ?? false
      case .noneOf(let key, let values): !(labels[key].map(values.contains) ?? false)
      case .exists(let key): labels[key] != nil
      case .absent(let key): labels[key] == nil
      }
    }
  }

  package var requirements: [Requirement]

  package init(_ requirements: [Requirement] = []) { self.requirements = requirements }

  /// Every object.
  package static let everything = LabelSelector()

  /// Objects with that label.
  package static func label(_ key: String, _ value: String) -> LabelSelector {
    LabelSelector([.equals(key, value)])
  }

  package func matches(_ labels: Labels) -> Bool { requirements.allSatisfy { $0.matches(labels) } }

  /// Reads the text of a `labelSelector` parameter; nil when it is none.
  package init?(_ text: String) {
    var requirements: [Requirement] = []
    for part in LabelSelector.parts(of: text) {
      guard let requirement = LabelSelector.requirement(part) else { return nil }
      requirements.append(requirement)
    }
    self.requirements = requirements
  }

  /// Cuts at commas outside parentheses.
  private static func parts(of text: String) -> [String] {
    var parts: [String] = []
    var current = ""
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append(current)
        current = ""
      } else {
        current.append(character)
      }
    }
    if !current.isEmpty || !parts.isEmpty { parts.append(current) }
    return parts
  }

  private static func requirement(_ text: String) -> Requirement? {
    let words = text.split(separator: " ").map(String.init)
    let plain = words.joined(separator: " ")
    if let open = plain.firstIndex(of: "("), plain.hasSuffix(")") {
      let values = plain[plain.index(after: open)...].dropLast().split(separator: ",").map {
        $0.filter { $0 != " " }
      }
      let head = plain[..<open].split(separator: " ").map(String.init)
      guard head.count == 2, isKey(head[0]), !values.isEmpty else { return nil }
      switch head[1] {
      case "in": return .oneOf(head[0], values)
      case "notin": return .noneOf(head[0], values)
      default: return nil
      }
    }
    let compact = words.joined()
    for (sign, isEqual) in [("!=", false), ("==", true), ("=", true)] {
      let halves = compact.split(separator: sign, maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2 else { continue }
      let (key, value) = (String(halves[0]), String(halves[1]))
      guard isKey(key), !value.contains("="), !value.contains("!") else { return nil }
      return isEqual ? .equals(key, value) : .differs(key, value)
    }
    if compact.hasPrefix("!") {
      let key = String(compact.dropFirst())
      return isKey(key) ? .absent(key) : nil
    }
    return words.count == 1 && isKey(compact) ? .exists(compact) : nil
  }

  private static func isKey(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
          UInt8(ascii: "/"):
          true
        default: false
        }
      }
  }
}

extension LabelSelector: CustomStringConvertible {
  /// The text of the `labelSelector` parameter.
  package var description: String {
    requirements.map { requirement in
      switch requirement {
      case .equals(let key, let value): "\(key)=\(value)"
      case .differs(let key, let value): "\(key)!=\(value)"
      case .oneOf(let key, let values): "\(key) in (\(values.joined(separator: ",")))"
      case .noneOf(let key, let values): "\(key) notin (\(values.joined(separator: ",")))"
      case .exists(let key): key
      case .absent(let key): "!\(key)"
      }
    }.joined(separator: ",")
  }
}

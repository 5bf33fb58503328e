/// A LIKE pattern as PostgreSQL reads it: `%` any run, `_` one character, backslash quotes the next.
struct LikePattern {
  private enum Element: Equatable {
    case run
    case any
    case character(Character)
  }

  private let elements: [Element]
  private let foldingCase: Bool

  /// `foldingCase` makes it ILIKE.
  init(_ pattern: String, foldingCase: Bool) {
    self.foldingCase = foldingCase
    var elements: [Element] = []
    var quoted = false
    for character in foldingCase ? pattern.lowercased() : pattern {
      switch character {
      case _ where quoted:
        elements.append(.character(character))
        quoted = false
      case "\\": quoted = true
      case "%": if elements.last != .run { elements.append(.run) }
      case "_": elements.append(.any)
      default: elements.append(.character(character))
      }
    }
    self.elements = elements
  }

  /// Greedy with one restart point: at most `text.count * elements.count` steps, whatever the pattern.
  func matches(_ text: String) -> Bool {
    let characters = Array(foldingCase ? text.lowercased() : text)
    var position = 0
    var element = 0
    var restart: (element: Int, position: Int)?
    while position < characters.count {
      if element < elements.count {
        switch elements[element] {
        case .run:
          restart = (element, position)
          element += 1
          continue
        case .any:
          element += 1
          position += 1
          continue
        case .character(let expected) where expected == characters[position]:
          element += 1
          position += 1
          continue
        case .character: break
        }
      }
      guard let last = restart else { return false }
      restart = (last.element, last.position + 1)
      element = last.element + 1
      position = last.position + 1
    }
    return elements[element...].allSatisfy { $0 == .run }
  }
}

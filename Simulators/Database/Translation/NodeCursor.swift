/// A place in a list of nodes.
struct NodeCursor {
  private let nodes: [PostgresNode]
  private var position = 0

  init(_ nodes: [PostgresNode]) { self.nodes = nodes }

  func peek(_ distance: Int = 0) -> PostgresNode? {
    position + distance < nodes.count ? nodes[position + distance] : nil
  }

  mutating func next() -> PostgresNode? {
    defer { position += 1 }
    return peek()
  }

  mutating func advance(by distance: Int = 1) { position += distance }

  mutating func take(word: String) -> Bool {
    guard peek()?.word == word else { return false }
    position += 1
    return true
  }

  mutating func take(symbol: String) -> Bool {
    guard peek()?.symbol == symbol else { return false }
    position += 1
    return true
  }

  mutating func takeName() -> String? {
    switch peek() {
    case .token(.word(let name)), .token(.quoted(let name)):
      position += 1
      return name
    default: return nil
    }
  }
}

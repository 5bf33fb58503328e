import StreamSpaceProtocol

/// A type name behind `::` or in CAST, as far as it matters to the translation.
enum PostgresType: Hashable {
  case text
  case integer
  case number
  case boolean
  case uuid
  case timestamp
  case interval
  case structured(isArray: Bool)

  /// Reads a type name: one to four words, a length, and `[]`.
  init(_ cursor: inout NodeCursor) throws(SQLError) {
    guard let word = cursor.next()?.word else { throw .syntax(near: "::") }
    switch word {
    case "text", "varchar", "bpchar", "name": self = .text
    case "character", "char":
      _ = cursor.take(word: "varying")
      self = .text
    case "int", "integer", "bigint", "smallint", "int2", "int4", "int8": self = .integer
    case "numeric", "decimal", "real", "float", "float4", "float8": self = .number
    case "double":
      guard cursor.take(word: "precision") else { throw .syntax(near: "double") }
      self = .number
    case "boolean", "bool": self = .boolean
    case "uuid": self = .uuid
    case "timestamp", "timestamptz":
      if cursor.take(word: "with") || cursor.take(word: "without") {
        guard cursor.take(word: "time"), cursor.take(word: "zone") else { throw .syntax(near: "time") }
      }
      self = .timestamp
    case "interval": self = .interval
    case "json", "jsonb": self = .structured(isArray: false)
    default: throw .unsupported("the type \(word)")
    }
    if case .group? = cursor.peek(), self == .text || self == .number { cursor.advance() }
    if case .bracket(let nodes)? = cursor.peek() {
      guard nodes.isEmpty else { throw .unsupported("array bounds") }
      cursor.advance()
      self = .structured(isArray: true)
    }
  }
}

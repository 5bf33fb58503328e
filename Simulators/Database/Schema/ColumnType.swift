import StreamSpaceProtocol

/// A PostgreSQL column type.
package enum ColumnType: Sendable, Hashable {
  case varchar(Int?)
  case text
  case smallint
  case integer
  case bigint
  case boolean
  /// TIMESTAMP without time zone (shipped).
  case timestamp
  /// TIMESTAMPTZ (C31). Stored the same way: microseconds since 1970 in UTC.
  case timestamptz
  case date
  case json
  case jsonb
  case uuid
  case inet
  case textArray
  case bytea
  case numeric(precision: Int?, scale: Int)
  case real
  case double

  /// As `format_type` prints it, with `varchar` for `character varying` (recording 20).
  package var name: String {
    switch self {
    case .varchar(nil): "varchar"
    case .varchar(let limit?): "varchar(\(limit))"
    case .numeric(let precision?, let scale): "numeric(\(precision),\(scale))"
    default: castName
    }
  }

  /// As a cast names it: without length.
  var castName: String {
    switch self {
    case .varchar: "character varying"
    case .text: "text"
    case .smallint: "smallint"
    case .integer: "integer"
    case .bigint: "bigint"
    case .boolean: "boolean"
    case .timestamp: "timestamp without time zone"
    case .timestamptz: "timestamp with time zone"
    case .date: "date"
    case .json: "json"
    case .jsonb: "jsonb"
    case .uuid: "uuid"
    case .inet: "inet"
    case .textArray: "text[]"
    case .bytea: "bytea"
    case .numeric: "numeric"
    case .real: "real"
    case .double: "double precision"
    }
  }

  /// The full name as error messages have it.
  var formatted: String {
    if case .varchar(let limit?) = self { return "character varying(\(limit))" }
    return name
  }

  var isNumeric: Bool {
    switch self {
    case .smallint, .integer, .bigint, .numeric, .real, .double: true
    default: false
    }
  }

  var isText: Bool {
    switch self {
    case .varchar, .text: true
    default: false
    }
  }

  /// Whether a key of this type may refer to a key of the other.
  func isComparable(to other: ColumnType) -> Bool {
    self == other || (isText && other.isText) || (isNumeric && other.isNumeric)
      || ([.timestamp, .timestamptz, .date].contains(self) && [.timestamp, .timestamptz, .date].contains(other))
  }
}

extension ColumnType {
  /// Reads a type name with its length and `[]`. SERIAL and its kin are `nil` types: see ``SerialType``.
  ///
  /// - Throws: 42704 for a name that is no type, 0A000 for one that is not simulated.
  init(_ cursor: inout NodeCursor) throws(SQLError) {
    let node = cursor.next()
    guard case .token(let token)? = node else { throw .syntax(near: node.map(PostgresTranslator.description) ?? "") }
    let word: String
    switch token {
    case .word(let name), .quoted(let name): word = name
    default: throw .syntax(near: token.text)
    }
    switch word {
    case "varchar": self = .varchar(try Self.modifiers(&cursor).first)
    case "character":
      guard cursor.take(word: "varying") else { throw .unsupported("the type CHARACTER") }
      self = .varchar(try Self.modifiers(&cursor).first)
    case "text": self = .text
    case "smallint", "int2": self = .smallint
    case "int", "integer", "int4": self = .integer
    case "bigint", "int8": self = .bigint
    case "boolean", "bool": self = .boolean
    case "timestamp":
      if cursor.take(word: "with") {
        guard cursor.take(word: "time"), cursor.take(word: "zone") else { throw .syntax(near: "with") }
        self = .timestamptz
      } else {
        if cursor.take(word: "without") {
          guard cursor.take(word: "time"), cursor.take(word: "zone") else { throw .syntax(near: "without") }
        }
        self = .timestamp
      }
    case "timestamptz": self = .timestamptz
    case "date": self = .date
    case "json": self = .json
    case "jsonb": self = .jsonb
    case "uuid": self = .uuid
    case "inet": self = .inet
    case "bytea": self = .bytea
    case "numeric", "decimal":
      let modifiers = try Self.modifiers(&cursor)
      self = .numeric(precision: modifiers.first, scale: modifiers.count > 1 ? modifiers[1] : 0)
    case "real", "float4": self = .real
    case "double":
      guard cursor.take(word: "precision") else { throw .undefinedObject("type \"double\" does not exist") }
      self = .double
    case "float", "float8": self = .double
    default: throw .undefinedObject("type \"\(word)\" does not exist")
    }
    if case .bracket(let bounds)? = cursor.peek() {
      guard bounds.isEmpty, isText else { throw .unsupported("arrays of \(castName)") }
      cursor.advance()
      self = .textArray
    }
  }

  private static func modifiers(_ cursor: inout NodeCursor) throws(SQLError) -> [Int] {
    guard case .group(let nodes)? = cursor.peek() else { return [] }
    cursor.advance()
    var numbers: [Int] = []
    for node in nodes where node.symbol != "," {
      guard case .token(.number(let text)) = node, let number = Int(text) else {
        throw .syntax(near: PostgresTranslator.description(of: node))
      }
      numbers.append(number)
    }
    return numbers
  }
}

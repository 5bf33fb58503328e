import StreamSpaceProtocol

/// A value inside a script, and its relation to replies (`spec/04 §3.6`).
enum ScriptValue: Sendable, Equatable {
  case nothing
  case boolean(Bool)
  case number(Int64)
  case string([UInt8])
  /// A table with the one field `ok`.
  case status(String)
  case table([ScriptValue])

  /// What a command's reply is for a script: replies come in the types of RESP2, a missing value as false.
  init(_ reply: RESPValue) {
    switch reply.represented(in: .two) {
    case .simple(let text): self = .status(text)
    case .integer(let number): self = .number(number)
    case .bulk(let bytes): self = .string(bytes)
    case .array(let elements): self = .table(elements.map(ScriptValue.init))
    default: self = .boolean(false)
    }
  }

  /// What a script's result is for the client.
  var reply: RESPValue {
    switch self {
    case .nothing, .boolean(false): .null
    case .boolean(true): .integer(1)
    case .number(let number): .integer(number)
    case .string(let bytes): .bulk(bytes)
    case .status(let text): .simple(text)
    case .table(let elements): .array(elements.prefix { $0 != .nothing }.map(\.reply))
    }
  }

  /// All but nil and false.
  var isTrue: Bool { self != .nothing && self != .boolean(false) }

  /// The value as an argument of a command, nil for types that may be none.
  var argument: [UInt8]? {
    switch self {
    case .string(let bytes): return bytes
    case .number(let number):
      var digits: [UInt8] = []
      digits.appendDecimal(number)
      return digits
    default: return nil
    }
  }

  /// Lua's `==`: no conversions, and a table equals only itself (never another).
  func isEqual(to other: ScriptValue) -> Bool {
    switch (self, other) {
    case (.status, _), (.table, _): false
    default: self == other
    }
  }
}

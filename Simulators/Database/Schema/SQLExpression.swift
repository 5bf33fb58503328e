/// An expression of a default, a check or the predicate of an index: what their texts consist of in this schema.
package indirect enum SQLExpression: Sendable, Hashable {
  case column(String)
  /// Without its quotes.
  case string(String)
  case number(String)
  case boolean(Bool)
  case null
  /// `CURRENT_TIMESTAMP`.
  case currentTimestamp
  case call(String, [SQLExpression])
  case cast(SQLExpression, ColumnType)
  case array([SQLExpression])
  /// A comparison or arithmetic, by its symbol.
  case binary(String, SQLExpression, SQLExpression)
  case and([SQLExpression])
  case or([SQLExpression])
  case not(SQLExpression)
  case isNull(SQLExpression, negated: Bool)
  case membership(SQLExpression, [SQLExpression], negated: Bool)

  /// The columns in it, each once, in order of appearance.
  package var columns: [String] {
    var names: [String] = []
    collect(&names)
    return names
  }

  private func collect(_ names: inout [String]) {
    switch self {
    case .column(let name): if !names.contains(name) { names.append(name) }
    case .string, .number, .boolean, .null, .currentTimestamp: break
    case .call(_, let list), .array(let list), .and(let list), .or(let list):
      for part in list { part.collect(&names) }
    case .cast(let value, _), .not(let value), .isNull(let value, _): value.collect(&names)
    case .binary(_, let left, let right):
      left.collect(&names)
      right.collect(&names)
    case .membership(let value, let list, _):
      value.collect(&names)
      for part in list { part.collect(&names) }
    }
  }
}

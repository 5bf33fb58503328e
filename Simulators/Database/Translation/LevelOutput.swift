/// What one level of brackets has been translated to so far.
struct LevelOutput {
  private var pieces: [String] = []
  private var lastIsOperand = false
  /// Whether the last piece is a JSONB or array value.
  private(set) var lastIsStructured = false
  /// The last keyword, in lower case.
  private(set) var lastWord = ""
  private var isBareSelect = false
  private var order: OrderItem?
  private var isInAssignments = false

  /// An item of ORDER BY: PostgreSQL puts NULLs last, and first when descending; SQLite the other way round.
  private struct OrderItem {
    var isDescending = false
    var namesNulls = false
    var isEmpty = true
  }

  var text: String { pieces.joined(separator: " ") }

  /// Whether a name now would be a column that SET assigns.
  var expectsAssignment: Bool { isInAssignments && !lastIsOperand && (pieces.last == "," || pieces.last == "set") }

  /// Whether an ON CONFLICT now would be taken for the ON of a join.
  var endsWithBareSelect: Bool { isBareSelect }

  mutating func append(_ piece: String) {
    pieces.append(piece)
    lastIsOperand = false
    lastIsStructured = false
  }

  mutating func append(_ operand: String, isStructured: Bool) {
    pieces.append(operand)
    lastIsOperand = true
    lastIsStructured = isStructured
    order?.isEmpty = false
  }

  mutating func append(word: String) {
    switch word {
    case "select": isBareSelect = true
    case "where", "group", "having", "order", "limit", "values": isBareSelect = false
    case "desc": order?.isDescending = true
    case "nulls": order?.namesNulls = true
    default: break
    }
    if word == "set" { isInAssignments = true }
    if ["where", "from", "returning"].contains(word) { isInAssignments = false }
    lastWord = word
    append(word)
  }

  mutating func appendComma() {
    if order != nil {
      closeOrderItem()
      order = OrderItem()
    }
    pieces.append(",")
    lastIsOperand = false
    lastIsStructured = false
  }

  mutating func beginOrder(followedBy word: String?) {
    if word == "by" { order = OrderItem() }
  }

  mutating func closeOrderItem() {
    if let order, !order.isEmpty, !order.namesNulls {
      pieces.append(order.isDescending ? "NULLS FIRST" : "NULLS LAST")
    }
    order = nil
  }

  /// Takes the last operand back, to put it into a construct.
  mutating func removeOperand() -> String? {
    guard lastIsOperand else { return nil }
    lastIsOperand = false
    return pieces.removeLast()
  }
}

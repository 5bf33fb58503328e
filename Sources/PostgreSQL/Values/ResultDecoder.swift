import CPostgres
import StreamSpaceProtocol

/// Makes rows of a libpq result: names and decoders of its columns, kept with the prepared statement.
struct ResultDecoder {
  /// What a column's type becomes.
  private enum Column {
    case text
    case integer
    case boolean
    case bytes
    case timestamp
    case array(TypeIdentifier.ID)

    init(_ type: TypeIdentifier.ID) {
      switch type {
      case TypeIdentifier.boolean: self = .boolean
      case TypeIdentifier.bytes: self = .bytes
      case TypeIdentifier.smallint, TypeIdentifier.integer, TypeIdentifier.bigint, TypeIdentifier.objectID:
        self = .integer
      case TypeIdentifier.timestamp, TypeIdentifier.timestampWithZone: self = .timestamp
      case let type where TypeIdentifier.isArray(type): self = .array(type)
      // JSONB, UUID and NUMERIC too: as lib/pq hands them out.
      default: self = .text
      }
    }
  }

  let columns: SQLColumns
  let types: [TypeIdentifier.ID]
  private let decoders: [Column]

  init(_ result: OpaquePointer) {
    let count = PQnfields(result)
    types = (0..<count).map { PQftype(result, $0) }
    decoders = types.map(Column.init)
    columns =
      count == 0 ? .none : SQLColumns((0..<count).map { PQfname(result, $0).map { String(cString: $0) } ?? "" })
  }

  /// Whether the result has these columns; a plan can change under a prepared statement.
  func fits(_ result: OpaquePointer) -> Bool {
    guard Int(PQnfields(result)) == types.count else { return false }
    for position in types.indices where PQftype(result, Int32(position)) != types[position] { return false }
    return true
  }

  /// All rows.
  ///
  /// - Throws: 22008 for a time stamp that is infinite, 22P02 for a value that cannot be read.
  func rows(_ result: OpaquePointer) throws(SQLError) -> [SQLRow] {
    let count = PQntuples(result)
    var rows: [SQLRow] = []
    rows.reserveCapacity(Int(count))
    for row in 0..<count {
      var values: [SQLValue] = []
      values.reserveCapacity(decoders.count)
      for position in decoders.indices { values.append(try value(result, row, position)) }
      rows.append(SQLRow(columns: columns, values: values))
    }
    return rows
  }

  private func value(_ result: OpaquePointer, _ row: Int32, _ position: Int) throws(SQLError) -> SQLValue {
    let column = Int32(position)
    if PQgetisnull(result, row, column) != 0 { return .null }
    guard let start = PQgetvalue(result, row, column) else { return .null }
    let length = Int(PQgetlength(result, row, column))
    let bytes = UnsafeBufferPointer(
      start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: length)
    let decoded: SQLValue? =
      switch decoders[position] {
      case .text: .text(String(decoding: bytes, as: UTF8.self))
      case .integer: Int64(String(decoding: bytes, as: UTF8.self)).map(SQLValue.integer)
      case .boolean: .boolean(bytes.first == UInt8(ascii: "t"))
      case .bytes: Self.bytes(bytes).map(SQLValue.bytes)
      case .timestamp: TimestampText.microseconds(bytes).map { .timestamp(microseconds: $0) }
      case .array(let type): ArrayText.json(String(decoding: bytes, as: UTF8.self), elements: type).map(SQLValue.text)
      }
    if let decoded { return decoded }
    let text = String(decoding: bytes, as: UTF8.self)
    throw SQLError(
      sqlState: "22008", message: "column \"\(columns.names[position])\" holds \(text), which is no value of its kind",
      kind: .other)
  }

  /// `\x0aff`.
  private static func bytes(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard text.count >= 2, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x"), text.count % 2 == 0 else {
      return nil
    }
    func digit(_ character: UInt8) -> UInt8? {
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    var result: [UInt8] = []
    result.reserveCapacity(text.count / 2 - 1)
    for position in stride(from: 2, to: text.count, by: 2) {
      guard let high = digit(text[position]), let low = digit(text[position + 1]) else { return nil }
      result.append(high << 4 | low)
    }
    return result
  }
}

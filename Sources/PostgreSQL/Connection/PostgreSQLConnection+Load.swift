import CPostgres
import StreamSpaceProtocol

/// Loading rows by COPY.
extension PostgreSQLConnection {
  /// Bytes handed to libpq at a time.
  private static let chunk = 256 * 1024

  package func load(
    _ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]
  ) throws(SQLError) -> Int {
    guard let handle, !isLost else { throw .connectionLost }
    let target = Self.quoted(table)
    let list = columns.map(Self.quoted).joined(separator: ", ")
    // Arrays have a form of their own, so the types must be known first.
    let types = try prepare(SQLStatement("load", "SELECT \(list) FROM \(target)", isPrepared: false)).decoder.types
    let begun = result(sent: PQsendQuery(handle, "COPY \(target) (\(list)) FROM STDIN"))
    guard let begun, PQresultStatus(begun) == PGRES_COPY_IN else { throw try refusal(begun) }
    PQclear(begun)

    var buffer: [UInt8] = []
    buffer.reserveCapacity(Self.chunk + 64 * 1024)
    do throws(SQLError) {
      for row in rows {
        try CopyText.append(row, types: types, to: &buffer)
        if buffer.count >= Self.chunk {
          try put(buffer, on: handle)
          buffer.removeAll(keepingCapacity: true)
        }
      }
      try put(buffer, on: handle)
    } catch {
      _ = PQputCopyEnd(handle, "given up")
      let answer = finishCopy(on: handle)
      // The server has refused a row already: its reason comes before the loss of the way to it.
      if error.kind == .connectionLost, case .failure(let reason) = answer { throw reason }
      throw error
    }
    guard PQputCopyEnd(handle, nil) == 1 else { throw failure(of: nil) }
    return try finishCopy(on: handle).get().rowCount
  }

  private func refusal(_ result: OpaquePointer?) throws(SQLError) -> SQLError {
    _ = try response(of: result, nil).get()
    return .unsupported("a COPY that begins otherwise")
  }

  private func put(_ bytes: [UInt8], on handle: OpaquePointer) throws(SQLError) {
    let result = bytes.withUnsafeBytes { buffer in
      PQputCopyData(handle, buffer.bindMemory(to: CChar.self).baseAddress, Int32(buffer.count))
    }
    guard result == 1 else { throw .connectionLost }
  }

  private func finishCopy(on handle: OpaquePointer) -> SQLResponse {
    var answer: SQLResponse?
    while let result = PQgetResult(handle) {
      let next = response(of: result, nil)
      answer = answer ?? next
    }
    return answer ?? .failure(failure(of: nil))
  }

  /// A name of the schema, which may be any text.
  static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}

/// Lines of COPY in its text format.
enum CopyText {
  /// Appends one row: values between tabs, `\N` for NULL, a line end.
  static func append(_ row: [SQLValue], types: [TypeIdentifier.ID], to bytes: inout [UInt8]) throws(SQLError) {
    guard row.count == types.count else {
      throw SQLError(
        sqlState: "22P04", message: "a row of \(row.count) values for \(types.count) columns", kind: .other)
    }
    for (position, value) in row.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: "\t")) }
      switch value {
      case .null:
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "N"))
      case .text(let text):
        if TypeIdentifier.isArray(types[position]) {
          try append(ArrayText.postgres(text), to: &bytes)
        } else {
          try append(text, to: &bytes)
        }
      case .bytes:
        // The backslash of the hexadecimal form is one more that COPY would read.
        bytes.append(UInt8(ascii: "\\"))
        try ValueText.append(value, for: types[position], to: &bytes)
      case .integer, .boolean, .timestamp: try ValueText.append(value, for: types[position], to: &bytes)
      }
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) throws(SQLError) {
    var text = text
    let isWhole = text.withUTF8 { characters in
      // Most texts have nothing to escape and go in one piece.
      guard characters.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\\") }) else {
        bytes.append(contentsOf: characters)
        return true
      }
      for character in characters {
        if character == 0 { return false }
        if let letter = escape(character) {
          bytes.append(UInt8(ascii: "\\"))
          bytes.append(letter)
        } else {
          bytes.append(character)
        }
      }
      return true
    }
    if !isWhole { throw .nulCharacter }
  }

  /// What stands behind the backslash for a character that cannot stand by itself.
  private static func escape(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "\\"): character
    case UInt8(ascii: "\n"): UInt8(ascii: "n")
    case UInt8(ascii: "\r"): UInt8(ascii: "r")
    case UInt8(ascii: "\t"): UInt8(ascii: "t")
    default: nil
    }
  }
}

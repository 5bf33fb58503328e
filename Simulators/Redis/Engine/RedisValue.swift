import StreamSpaceProtocol

/// What a key holds.
package enum RedisValue: Sendable, Equatable {
  case string([UInt8])
  case hash(RedisHash)
  case set(RedisSet)

  /// The answer of `TYPE`.
  package var typeName: String {
    switch self {
    case .string: "string"
    case .hash: "hash"
    case .set: "set"
    }
  }

  /// The bytes of a string, nil for other types.
  package var string: [UInt8]? {
    if case .string(let bytes) = self { bytes } else { nil }
  }

  /// The text of a string that is UTF-8, nil otherwise.
  package var text: String? {
    string.flatMap { String(validating: $0, as: UTF8.self) }
  }
}

/// A hash: fields in the order in which they were added.
package struct RedisHash: Sendable, Equatable {
  var table = ByteTable<[UInt8]>()

  package var fields: [(field: ByteString, value: [UInt8])] { table.entries.map { ($0.key, $0.value) } }

  package static func == (left: RedisHash, right: RedisHash) -> Bool {
    left.table.count == right.table.count && left.table.entries.allSatisfy { right.table[$0.key] == $0.value }
  }
}

/// A set: members in the order in which they were added.
package struct RedisSet: Sendable, Equatable {
  var table = ByteTable<Void>()

  package var members: [ByteString] { table.entries.map(\.key) }

  package static func == (left: RedisSet, right: RedisSet) -> Bool {
    left.table.count == right.table.count && left.table.entries.allSatisfy { right.table[$0.key] != nil }
  }
}

/// A key's value and the end of its life.
package struct KeyEntry: Sendable, Equatable {
  package var value: RedisValue
  /// Server time in milliseconds at which the key expires: it is gone from the first instant after. Nil: never.
  package var expiry: Int64?
}

/// Types of PostgreSQL by the object id they have in every server (`pg_type.dat`).
enum TypeIdentifier {
  typealias ID = UInt32

  static let boolean: ID = 16
  static let bytes: ID = 17
  static let bigint: ID = 20
  static let smallint: ID = 21
  static let integer: ID = 23
  static let objectID: ID = 26
  static let timestamp: ID = 1114
  static let timestampWithZone: ID = 1184

  /// Arrays whose elements are whole numbers.
  static let integerArrays: [ID] = [1005, 1007, 1016]
  static let booleanArray: ID = 1000
  /// `text[]`, `varchar[]`, `char[]`, `name[]`, `uuid[]`, `numeric[]`, `jsonb[]`, `json[]`.
  static let textArrays: [ID] = [1009, 1015, 1014, 1003, 2951, 1231, 3807, 199]

  static func isArray(_ type: ID) -> Bool {
    type == booleanArray || integerArrays.contains(type) || textArrays.contains(type)
  }
}

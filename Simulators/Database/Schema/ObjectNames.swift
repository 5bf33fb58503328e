/// The names PostgreSQL gives to what has none: `table_column_fkey`, cut to 63 bytes, numbered when taken.
enum ObjectNames {
  private static let longest = 63

  /// `first_second_label`, where `second` may be missing; `taken` are the names that are gone.
  static func make(_ first: String, _ second: String?, _ label: String, taken: Set<String>) -> String {
    var number = 0
    while true {
      let name = join(first, second, number == 0 ? label : "\(label)\(number)")
      if !taken.contains(name) { return name }
      number += 1
    }
  }

  /// A name that no relation of the schema has.
  static func makeRelation(_ first: String, _ second: String?, _ label: String, in schema: DatabaseSchema) -> String {
    var taken: Set<String> = []
    while true {
      let name = make(first, second, label, taken: taken)
      guard schema.relation(name) != nil else { return name }
      taken.insert(name)
    }
  }

  /// Columns of a constraint as they stand in its name.
  static func list(_ columns: [String]) -> String { String(columns.joined(separator: "_").prefix(longest)) }

  private static func join(_ first: String, _ second: String?, _ label: String) -> String {
    let overhead = label.utf8.count + 1 + (second == nil ? 0 : 1)
    var left = first.utf8.count
    var right = second?.utf8.count ?? 0
    // The longer of the two gives way, byte by byte.
    while left + right > longest - overhead {
      if left > right { left -= 1 } else { right -= 1 }
    }
    let parts = [String(first.prefix(left)), second.map { String($0.prefix(right)) }, label].compactMap(\.self)
    return parts.joined(separator: "_")
  }
}

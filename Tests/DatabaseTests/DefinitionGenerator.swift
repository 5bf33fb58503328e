/// Random DDL over three small tables, with rows between: most of it is valid, some of it fails.
struct DefinitionGenerator {
  static let tables = ["t1", "t2", "t3"]
  private static let columns = ["a", "b", "c", "d"]
  /// Those that no statement of this generator writes: their types may be anything.
  private static let unwritten = ["b", "c", "d"]
  private static let types = [
    "INT", "BIGINT", "TEXT", "VARCHAR(20)", "BOOLEAN", "TIMESTAMP", "TIMESTAMPTZ", "JSONB", "TEXT[]", "DECIMAL(10,2)",
  ]
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> String {
    let table = pick(Self.tables)
    switch draw(16) {
    case 0, 1:
      return
        "CREATE TABLE IF NOT EXISTS \(table) (id \(pick(["SERIAL", "INT", "BIGSERIAL"])) PRIMARY KEY, a INT\(pick(["", " UNIQUE", " NOT NULL DEFAULT 1", " REFERENCES \(pick(Self.tables))(id) ON DELETE SET NULL"])), b VARCHAR(20)\(pick(["", " DEFAULT 'x'", " CHECK (b <> 'bad')"])), UNIQUE (a, b))"
    case 2: return "DROP TABLE \(pick(["", "IF EXISTS "]))\(table)\(pick(["", " CASCADE"]))"
    case 3, 4:
      return
        "ALTER TABLE \(table) ADD COLUMN \(pick(["", "IF NOT EXISTS "]))\(pick(Self.unwritten)) \(pick(Self.types))"
    case 5:
      return
        "ALTER TABLE \(table) ADD COLUMN IF NOT EXISTS \(pick(Self.columns)) INT \(pick(["DEFAULT 5", "NOT NULL", "NOT NULL DEFAULT 2", "UNIQUE", "REFERENCES \(pick(Self.tables))(id)"]))"
    case 6:
      return
        "ALTER TABLE \(table) DROP COLUMN \(pick(["", "IF EXISTS "]))\(pick(Self.columns))\(pick(["", " CASCADE"]))"
    case 7:
      return
        "ALTER TABLE \(table) ALTER COLUMN \(pick(Self.columns)) \(pick(["SET NOT NULL", "DROP NOT NULL", "DROP DEFAULT"]))"
    case 8:
      return
        "ALTER TABLE \(table) ADD CONSTRAINT \(pick(["k1", "k2"])) \(pick(["UNIQUE (a)", "UNIQUE (a, b)", "CHECK (a > 0)", "FOREIGN KEY (a) REFERENCES \(pick(Self.tables))(id) ON DELETE CASCADE"]))"
    case 9:
      return
        "ALTER TABLE \(table) DROP CONSTRAINT \(pick(["", "IF EXISTS "]))\(pick(["k1", "k2", "\(table)_pkey", "\(table)_a_key", "\(table)_a_fkey"]))\(pick(["", " CASCADE"]))"
    case 10, 11:
      return
        "CREATE \(pick(["", "UNIQUE "]))INDEX \(pick(["", "IF NOT EXISTS "]))\(pick(["i1", "i2", "i3"])) ON \(table) (\(pick(["a", "b", "a, b DESC", "c", "id"])))\(pick(["", " WHERE a IS NOT NULL"]))"
    case 12: return "DROP INDEX \(pick(["", "IF EXISTS "]))\(pick(["i1", "i2", "i3", "\(table)_pkey"]))"
    case 13, 14:
      return "INSERT INTO \(table) (id, a) VALUES (\(draw(6)), \(pick(["NULL", "\(draw(4))", "\(draw(4))"])))"
    default: return pick(["UPDATE \(table) SET a = \(draw(3))", "DELETE FROM \(table) WHERE a = \(draw(3))"])
    }
  }

  private mutating func pick(_ list: [String]) -> String { list[draw(list.count)] }

  private mutating func draw(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}

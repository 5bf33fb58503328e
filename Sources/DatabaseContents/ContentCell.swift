import StreamSpaceProtocol

/// What the value of one column in one row is drawn from: numbers of its own, and those that all columns of the row share.
struct ContentCell {
  let contents: ContentIdentities
  let row: Int
  private let rowSeed: UInt64
  private var draw: ContentDraw

  init(contents: ContentIdentities, row: Int, rowSeed: UInt64, salt: Int) {
    self.contents = contents
    self.row = row
    self.rowSeed = rowSeed
    draw = ContentDraw(seed: rowSeed &+ UInt64(truncatingIfNeeded: salt) &* 0xd134_2543_de82_ef95)
  }

  /// 9999-12-31T23:59:59.999999Z
  static let farFuture: Int64 = 253_402_300_799_999_999

  mutating func below(_ bound: Int) -> Int { draw.below(bound) }

  /// The same number for every column of the row that names the same `purpose`.
  func shared(_ purpose: Int, below bound: Int) -> Int {
    var draw = ContentDraw(seed: rowSeed ^ (UInt64(purpose) &* 0xa076_1d64_78bd_642f))
    return draw.below(bound)
  }

  mutating func pick(_ values: [String]) -> SQLValue { .text(values[below(values.count)]) }

  // MARK: Texts

  /// Any edge text of a column of this length; `VARCHAR` lengths of the schema are 45, 50, 100 and 255.
  mutating func text(_ limit: Int? = 255) -> SQLValue { pick(contents.edges(limit)) }

  /// Mostly one of the usual values, sometimes an edge text.
  mutating func usually(_ values: [String], limit: Int? = 255) -> SQLValue {
    below(12) == 0 ? text(limit) : pick(values)
  }

  mutating func json() -> SQLValue { pick(ContentIdentities.documents) }

  mutating func array() -> SQLValue { .text(contents.arrays[below(contents.arrays.count)]) }

  mutating func uuid() -> SQLValue {
    .text(ContentText.uuid(draw.next(), draw.next()))
  }

  /// So many random hexadecimal digits, at most 16.
  mutating func hex(_ digits: Int) -> SQLValue { .text(ContentText.hex(draw.next(), digits)) }

  // MARK: Numbers and times

  /// 0, small, or as large as INTEGER goes.
  mutating func integer() -> SQLValue {
    switch below(8) {
    case 0: 0
    case 1: .integer(Int64(Int32.max))
    case 2: .integer(Int64(Int32.min))
    default: .integer(Int64(below(100_000)))
    }
  }

  /// 0, small, or as large as BIGINT goes.
  mutating func bigInteger() -> SQLValue {
    switch below(8) {
    case 0: 0
    case 1: .integer(.max)
    default: .integer(Int64(draw.next() >> 8))
    }
  }

  mutating func boolean() -> SQLValue { .boolean(below(2) == 0) }

  /// When the row was made, to the microsecond: rows are a little apart, and two may be made at once.
  var made: Int64 { contents.start + Int64(row / 2) * 250_000 + Int64(shared(91, below: 200_000)) }

  /// A time at most a day after the row was made, now and then at an end of what the formats have in common.
  mutating func time() -> SQLValue {
    switch below(40) {
    case 0: .timestamp(microseconds: 1)
    case 1: .timestamp(microseconds: Self.farFuture)
    default: .timestamp(microseconds: made + Int64(below(86_400_000)) * 1_000 + Int64(below(1_000)))
    }
  }

  /// When the row was made.
  func madeTime() -> SQLValue { .timestamp(microseconds: made) }

  /// When it was changed: later, or not at all.
  func changedTime() -> SQLValue { .timestamp(microseconds: made + Int64(shared(92, below: 7_200_000)) * 500) }
}

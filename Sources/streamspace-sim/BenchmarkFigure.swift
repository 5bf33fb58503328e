import StreamSpaceProtocol

/// What a benchmark found, and what it was to find.
struct BenchmarkFigure {
  /// The bound that a figure is judged by.
  enum Budget {
    case atLeast(Int64)
    case atMost(Int64)
  }

  let name: String
  let unit: String
  let value: Int64
  /// Nil: reported, not judged.
  var budget: Budget?

  var isMet: Bool {
    switch budget {
    case .atLeast(let bound): value >= bound
    case .atMost(let bound): value <= bound
    case nil: true
    }
  }

  var json: JSONValue {
    let bound: Int64? =
      switch budget {
      case .atLeast(let bound), .atMost(let bound): bound
      case nil: nil
      }
    return [
      "name": .string(name), "unit": .string(unit), "value": .int(value), "budget": bound.map { .int($0) } ?? .null,
      "met": .bool(isMet),
    ]
  }

  /// One line of the table.
  var line: String {
    let bound =
      switch budget {
      case .atLeast(let bound): "budget \(bound.grouped)"
      case .atMost(let bound): "budget at most \(bound.grouped)"
      case nil: "no budget"
      }
    return "\(name.padded(to: 32)) \(value.grouped.leftPadded(to: 14)) \(unit.padded(to: 16)) \(bound)"
      + (isMet ? "" : "  NOT MET")
  }
}

import TestEnvironment

/// A topology of spec/06 §0.1 by its name on the command line.
package enum NamedTopology {
  /// Name and topology, in the order in which they are shown.
  package static let all: [(name: String, topology: Topology)] = [
    ("T1", .t1), ("T2", .t2), ("T3", .t3), ("T3HA", .t3ha), ("T3m", .t3m), ("TD", .td), ("TDf", .tdf), ("TDr", .tdr),
    ("TDs", .tds), ("TX", .tx), ("TL", .tl),
  ]

  package static func named(_ name: String) -> Topology? {
    all.first { $0.name.lowercased() == name.lowercased() }?.topology
  }
}

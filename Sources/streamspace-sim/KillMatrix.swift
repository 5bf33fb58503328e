import SimulatedEnvironment
import StreamSpaceProtocol

/// Which case caught which defect.
struct KillMatrix {
  /// Those that were asked for.
  let defects: [Defect]
  let mutants: [Mutant]
  let exempt: [(defect: Defect, case: String, why: String)]
  /// In the order of `mutants`.
  let searches: [KillSearch]

  /// Pairs of a defect and a case that must catch it and did not.
  var survivors: [(mutant: Mutant, search: KillSearch)] { pairs.filter { $0.search.kill == nil } }

  private var pairs: [(mutant: Mutant, search: KillSearch)] {
    zip(mutants, searches).map { (mutant: $0, search: $1) }
  }

  /// The pairs of each defect that has a pair, exempt or not, in the order of the catalogue.
  private var rows: [(defect: Defect, pairs: [(mutant: Mutant, search: KillSearch)])] {
    defects.map { defect in (defect, pairs.filter { $0.mutant.defect.id == defect.id }) }
      .filter { row in !row.pairs.isEmpty || exempt.contains { $0.defect.id == row.defect.id } }
  }

  var lines: [String] {
    let width = defects.map(\.slug.count).max() ?? 0
    var lines = rows.map { row in
      let cells = row.pairs.map { pair in
        pair.search.kill.map { "\(pair.mutant.testCase.id) \($0.shown)" } ?? "\(pair.mutant.testCase.id) SURVIVED"
      }
      let shown = cells.isEmpty ? "not exercised" : cells.joined(separator: ", ")
      return "\(row.defect.id)  \(row.defect.slug.padded(to: width))  \(shown)"
    }
    for pair in survivors {
      lines.append("survivor: \(pair.mutant.testCase.id) does not catch \(pair.mutant.defect.id)")
      lines += pair.search.missed.map { "  \($0)" }
      lines.append(
        "  again: ./sim run \(pair.mutant.testCase.id) --seed \(pair.mutant.seeds.lowerBound) "
          + "--profile contract+\(pair.mutant.defect.id)")
    }
    for pair in exempt { lines.append("not exercised: \(pair.defect.id) by \(pair.case): \(pair.why)") }
    lines.append(
      "\(rows.count) defects, \(mutants.count) pairs with a case: \(mutants.count - survivors.count) killed, "
        + "\(survivors.count) survived, \(exempt.count) not exercised")
    return lines
  }

  /// The object of DESIGN §7.
  var document: JSONValue {
    [
      "defects": .array(rows.map(document)),
      "survivors": .array(
        survivors.map { pair in
          [
            "id": .string(pair.mutant.defect.id), "case": .string(pair.mutant.testCase.id),
            "runs": .array(pair.search.missed.map { .string($0) }),
          ]
        }),
      "notExercised": .array(
        exempt.map { ["id": .string($0.defect.id), "case": .string($0.case), "reason": .string($0.why)] }),
    ]
  }

  private func document(_ row: (defect: Defect, pairs: [(mutant: Mutant, search: KillSearch)])) -> JSONValue {
    let kills = row.pairs.compactMap { pair in pair.search.kill.map { (pair.mutant.testCase.id, $0) } }
    return [
      "id": .string(row.defect.id), "tier": .string(String(row.defect.id.prefix(1))),
      "killed": .bool(!kills.isEmpty && kills.count == row.pairs.count),
      "by": .array(
        kills.map { id, kill in
          var invariant = JSONValue.null
          if case .invariant(let name) = kill.evidence { invariant = .string(name) }
          return [
            "case": .string(id), "invariant": invariant, "shown": .string(kill.shown), "variant": .string(kill.variant),
            "seed": .int(Int64(clamping: kill.seed)),
          ]
        }),
      // The most that one of its cases needed.
      "seeds": kills.map(\.1.seed).max().map { .int(Int64(clamping: $0)) } ?? .null,
    ]
  }
}

extension Kill {
  /// What showed the defect, in words.
  var shown: String {
    switch evidence {
    case .invariant(let id): id
    case .expectation(let name): "'\(name)'"
    case .premise(let reason): "'\(reason)'"
    }
  }
}

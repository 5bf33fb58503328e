/// What a campaign must have seen to prove anything (lesson L21): faults that bite, and every "sometimes".
package struct CampaignDemands: Sendable, Equatable {
  /// Fewer runs are a sample: what they missed is told, not judged.
  package var runs = 50
  /// A kind that was carried out less often is told, not judged.
  package var uses = 10
  /// Of the uses of a kind so many in a hundred may have had no effect: a link that is cut where nothing flows.
  package var inertPercent = 60

  package init() {}

  /// What is missing, a line for each; empty: nothing.
  package func failures(of tally: CampaignTally) -> [String] {
    guard tally.runs >= runs else { return [] }
    return inertFaults(tally) + unmetObligations(tally)
  }

  private func inertFaults(_ tally: CampaignTally) -> [String] {
    tally.faults.keys.sorted().compactMap { kind in
      guard let faults = tally.faults[kind], faults.used >= uses else { return nil }
      if faults.effective == 0 { return "fault '\(kind)' was inert in all its \(faults.used) uses" }
      guard faults.inert * 100 > faults.used * inertPercent else { return nil }
      return "fault '\(kind)' was inert in \(faults.inert) of its \(faults.used) uses, more than \(inertPercent) %"
    }
  }

  private func unmetObligations(_ tally: CampaignTally) -> [String] {
    tally.obligations.keys.sorted().compactMap { name in
      tally.obligations[name]?.runs == 0 ? "obligation '\(name)' was met in none of \(tally.runs) runs" : nil
    }
  }
}

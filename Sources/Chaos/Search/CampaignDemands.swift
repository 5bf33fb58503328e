/// What a campaign must have seen to prove anything (lesson L21): faults that bite, and every "sometimes".
package struct CampaignDemands: Sendable, Equatable {
  /// Fewer runs are a sample: what their faults missed is told, not judged.
  package var faultRuns = 50
  /// The rarest obligations come about in one run of two hundred (measured over 240 seeds): so many runs miss one that can
  /// be met once in a hundred campaigns.
  package var obligationRuns = 1_000
  /// A kind that was carried out less often and never had an effect is told, not judged.
  package var uses = 10
  /// The same for a kind that had an effect too seldom: `kill-at-step ready` misses one use in five, but eight of the
  /// eleven of a small guided campaign, which tries one plan again and again.
  package var usesOfShare = 20
  /// Of the uses of a kind so many in a hundred may have had no effect: a link that is cut where nothing flows.
  package var inertPercent = 60
  /// The same for kinds that touch only what happens to be under way while they hold: a replica publishes nothing but
  /// commands for agents of others.
  package var inertPercentOfKind = ["redis-lose-pubsub": 95]

  package init() {}

  /// What is missing, a line for each; empty: nothing.
  package func failures(of tally: CampaignTally) -> [String] {
    (tally.runs >= faultRuns ? inertFaults(tally) : []) + (tally.runs >= obligationRuns ? unmetObligations(tally) : [])
  }

  private func inertFaults(_ tally: CampaignTally) -> [String] {
    tally.faults.keys.sorted().compactMap { kind in
      guard let faults = tally.faults[kind], faults.used >= uses else { return nil }
      if faults.effective == 0 { return "fault '\(kind)' was inert in all its \(faults.used) uses" }
      let allowed = inertPercentOfKind[kind] ?? inertPercent
      guard faults.used >= usesOfShare, faults.inert * 100 > faults.used * allowed else { return nil }
      return "fault '\(kind)' was inert in \(faults.inert) of its \(faults.used) uses, more than \(allowed) %"
    }
  }

  private func unmetObligations(_ tally: CampaignTally) -> [String] {
    tally.obligations.keys.sorted().compactMap { name in
      tally.obligations[name]?.runs == 0 ? "obligation '\(name)' was met in none of \(tally.runs) runs" : nil
    }
  }
}

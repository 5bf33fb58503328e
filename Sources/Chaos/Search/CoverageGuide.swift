/// Plans that reached something new, and which of them is worth changing: those whose features few runs reached.
package struct CoverageGuide: Sendable {
  /// A plan that was the first to reach some features.
  package struct Entry: Sendable, Equatable {
    package var seed: UInt64
    package var plan: ChaosPlan
    /// What it reached first.
    package var features: [UInt64]
    /// How often it is chosen, against the others; never 0.
    package internal(set) var energy: UInt64 = 1
  }

  /// The oldest make room: what they reached has become common.
  static let capacity = 400
  /// One run in so many draws a plan of its own, so that the search never sits in a corner.
  static let freshOneIn = 4

  package internal(set) var corpus: [Entry] = []

  package init() {}

  /// The run of a seed: a new plan, or one of the corpus, changed.
  func task(_ seed: UInt64, draw: (UInt64) -> ChaosPlan) -> Campaign.Assignment {
    let fresh = draw(seed)
    var chance = SearchDraw(seed: seed, purpose: 0x6755_4944)
    guard !corpus.isEmpty, !chance.oneIn(Self.freshOneIn) else {
      return Campaign.Assignment(seed: seed, plan: fresh, isChanged: false)
    }
    let parent = choose(&chance)
    let other = choose(&chance)
    var plan = corpus[parent].plan
    // The order of events and the latencies are of this run.
    plan.seed = seed
    var mutation = PlanMutation(donor: chance.oneIn(2) ? corpus[other].plan : fresh, chance: chance)
    plan = mutation.change(plan)
    return Campaign.Assignment(seed: seed, plan: plan, isChanged: true)
  }

  mutating func learn(_ run: CampaignRun, novel: [UInt64]) {
    guard !novel.isEmpty else { return }
    corpus.append(Entry(seed: run.seed, plan: run.plan, features: novel))
    if corpus.count > Self.capacity { corpus.removeFirst() }
  }

  /// Gives each plan the energy of its rarest features.
  mutating func weigh(by features: [UInt64: CampaignTally.Feature]) {
    for index in corpus.indices {
      corpus[index].energy = corpus[index].features.reduce(1) { sum, feature in
        sum + 1_000_000 / UInt64(max(features[feature]?.runs ?? 1, 1))
      }
    }
  }

  private func choose(_ chance: inout SearchDraw) -> Int {
    let whole = corpus.reduce(0) { $0 + $1.energy }
    var rest = chance.next() % whole
    for (index, entry) in corpus.enumerated() {
      if rest < entry.energy { return index }
      rest -= entry.energy
    }
    return corpus.count - 1
  }
}

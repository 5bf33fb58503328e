/// How many features the first so many seeds of a campaign reached.
package struct CoverageGrowth: Sendable, Equatable {
  package struct Point: Sendable, Equatable {
    package var runs: Int
    package var features: Int
  }

  package var points: [Point]

  /// At most `count` points over the seeds that were run, ascending.
  package init(_ tally: CampaignTally, seeds: [UInt64], points count: Int = 20) {
    let firsts = tally.features.values.map(\.firstSeed).sorted()
    var points: [Point] = []
    var reached = 0
    for number in 1...max(min(count, seeds.count), 1) where !seeds.isEmpty {
      let runs = seeds.count * number / min(count, seeds.count)
      while reached < firsts.count, firsts[reached] <= seeds[runs - 1] { reached += 1 }
      points.append(Point(runs: runs, features: reached))
    }
    self.points = points
  }
}

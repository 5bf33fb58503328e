import Chaos
import Foundation

/// Hands the runs of a campaign to threads and counts them in order. Threads may be some rounds ahead of what is counted,
/// so that none waits for the slowest; what is ahead when the campaign ends is dropped, as if it had never run.
///
/// Every member is used under the lock of `condition`.
final class CampaignQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private var campaign: Campaign
  private let limits: CampaignLimits
  private let lead: Int
  private var next: Int
  private var finished: [Int: CampaignRun] = [:]
  private var found: [CampaignRun] = []
  private var isStopped = false

  init(_ campaign: Campaign, limits: CampaignLimits, jobs: Int) {
    self.campaign = campaign
    self.limits = limits
    next = campaign.runsDone
    lead = Campaign.round * max(4, jobs)
    isStopped = campaign.end(limits) != nil
  }

  /// The next run; nil: no more. Waits until there is one.
  func take() -> (number: Int, assignment: Campaign.Assignment)? {
    condition.withLock {
      while !isStopped, next < campaign.settings.runs, next >= min(campaign.horizon, campaign.runsDone + lead) {
        condition.wait()
      }
      guard !isStopped, next < campaign.settings.runs else { return nil }
      defer { next += 1 }
      return (next, campaign.task(next))
    }
  }

  func deliver(_ run: CampaignRun, number: Int) {
    condition.withLock {
      finished[number] = run
      while !isStopped {
        let round = campaign.nextRound
        let runs = round.compactMap { finished[$0] }
        guard runs.count == round.count else { break }
        for number in round { finished[number] = nil }
        found += campaign.count(runs).map(\.run)
        isStopped = campaign.end(limits) != nil
      }
      condition.broadcast()
    }
  }

  /// No more runs; those under way are waited for by who started the threads, and not counted.
  func stop() {
    condition.withLock {
      isStopped = true
      condition.broadcast()
    }
  }

  /// What is counted so far, and the failures that were not handed out before.
  func takeProgress() -> (campaign: Campaign, found: [CampaignRun]) {
    condition.withLock {
      defer { found = [] }
      return (campaign, found)
    }
  }

  /// What is counted so far.
  func counted() -> Campaign { condition.withLock { campaign } }
}

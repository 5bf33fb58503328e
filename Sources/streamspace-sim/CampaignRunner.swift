import Chaos
import Foundation

/// Runs a campaign on several threads, tells how far it is, and hands out what is to be stored.
struct CampaignRunner {
  /// Why it ended.
  enum Ending: Equatable {
    case over(Campaign.End)
    /// The given time is up.
    case time
    case interrupted
  }

  let executor: any ChaosExecutor
  let limits: CampaignLimits
  let jobs: Int
  /// On the clock of `DispatchTime`; nil: no limit.
  let deadline: UInt64?
  /// Real time that earlier calls spent, in milliseconds.
  let spentBefore: Int64
  let showsProgress: Bool
  /// Is given what is counted and which failures are new: every few seconds and at the end, never from two threads.
  let store: (_ campaign: Campaign, _ found: [CampaignRun], _ wallMilliseconds: Int64) throws -> Void

  private static let storesEvery: UInt64 = 3_000_000_000
  /// Where nobody watches a terminal, a line so often.
  private static let tellsEvery: UInt64 = 300_000_000_000

  func run(_ campaign: Campaign) throws -> (campaign: Campaign, ending: Ending, wallMilliseconds: Int64) {
    let began = DispatchTime.now().uptimeNanoseconds
    let runsBefore = campaign.runsDone
    let queue = CampaignQueue(campaign, limits: limits, jobs: jobs)
    let threads = start(queue, strategy: campaign.settings.strategy)
    var (stored, told) = (began, began)
    var isLate = false
    var failure: (any Error)?
    func wall(_ now: UInt64) -> Int64 { spentBefore + Int64((now - began) / 1_000_000) }
    while threads.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
      let now = DispatchTime.now().uptimeNanoseconds
      isLate = isLate || deadline.map { now >= $0 } ?? false
      if isLate || Interruption.isRequested { queue.stop() }
      if now - stored >= Self.storesEvery, failure == nil {
        stored = now
        let progress = queue.takeProgress()
        do { try store(progress.campaign, progress.found, wall(now)) } catch {
          failure = error
          queue.stop()
        }
      }
      guard showsProgress else { continue }
      let line = { CampaignText.progress(queue.counted(), runsBefore: runsBefore, nanoseconds: now - began) }
      if Output.isTerminal {
        Output.progress(line())
      } else if now - told >= Self.tellsEvery {
        told = now
        Output.complain(line())
      }
    }
    if showsProgress { Output.progress("") }
    if let failure { throw failure }
    let wallMilliseconds = wall(DispatchTime.now().uptimeNanoseconds)
    let progress = queue.takeProgress()
    try store(progress.campaign, progress.found, wallMilliseconds)
    let ending: Ending =
      if let end = progress.campaign.end(limits) {
        .over(end)
      } else if Interruption.isRequested {
        .interrupted
      } else {
        .time
      }
    return (progress.campaign, ending, wallMilliseconds)
  }

  private func start(_ queue: CampaignQueue, strategy: String) -> DispatchGroup {
    let threads = DispatchGroup()
    let executor = executor
    let work: @Sendable () -> Void = {
      while let (number, assignment) = queue.take() {
        let outcome = executor.run(assignment.plan, ExecutionOptions(strategy: strategy))
        queue.deliver(CampaignRun(outcome, seed: assignment.seed, isChanged: assignment.isChanged), number: number)
      }
      threads.leave()
    }
    for _ in 0..<jobs {
      threads.enter()
      let thread = Thread(block: work)
      // Case bodies and SQLite nest deeper than the 512 KiB of a secondary thread.
      thread.stackSize = 8 << 20
      thread.start()
    }
    return threads
  }
}

import Foundation
import SimulatedEnvironment
import TestEnvironment

/// What a run command was asked to do, checked.
struct SuitePlan {
  let requests: [CaseRequest]
  /// The database halves that wait for a PostgreSQL server: one of each case, from the first seed.
  let databaseHalves: [CaseRequest]
  /// The server for them.
  let database: DatabaseAddress?
  let seeds: ClosedRange<UInt64>
  let profile: Profile
  let depth: Depth
  let jobs: Int
  let checksDeterminism: Bool
  /// The command line that repeats it.
  let command: String

  init(
    selection: [String], seed: String?, seeds: String?, profile: String, depth: String, environment: String,
    strategy: String, jobs: Int?, checksDeterminism: Bool, databaseURL: String? = nil
  ) throws {
    if seed != nil, seeds != nil { throw UsageError("--seed and --seeds exclude each other") }
    let range =
      try seeds.map { try Selection.seeds($0, flag: "--seeds") }
      ?? seed.map { try Selection.seeds($0, flag: "--seed") } ?? 1...1
    guard let depthValue = Depth(rawValue: depth) else {
      throw UsageError("--depth: '\(depth)' is neither plain nor full")
    }
    guard environment == "simulated" else {
      throw UsageError("--environment: '\(environment)' is not known; this build runs 'simulated' only")
    }
    let order = try Selection.strategy(strategy)
    let cores = max(1, Foundation.ProcessInfo.processInfo.activeProcessorCount)
    if let jobs, !(1...64).contains(jobs) { throw UsageError("--jobs: '\(jobs)' is not between 1 and 64") }
    let chosenProfile = try Selection.profile(profile)
    let cases = try Selection.cases(selection)
    var requests: [CaseRequest] = []
    for testCase in cases {
      for seed in range {
        for variant in CaseRequest.variants(of: testCase, seed: seed, depth: depthValue, isOneOfMany: range.count > 1) {
          requests.append(
            CaseRequest(
              testCase: testCase, variant: variant, seed: seed, profile: chosenProfile, depth: depthValue,
              strategy: order))
        }
      }
    }
    self.requests = requests
    var halves: [CaseRequest] = []
    for request in requests where request.testCase.hasDatabaseHalf {
      if !halves.contains(where: { $0.testCase.id == request.testCase.id }) { halves.append(request) }
    }
    databaseHalves = halves
    database = try databaseURL.map(DatabaseAddress.init)
    if database != nil, halves.isEmpty {
      throw UsageError(
        "--database-url: none of the chosen cases has a half for PostgreSQL; those of 'database-migrations' have")
    }
    self.seeds = range
    self.profile = chosenProfile
    self.depth = depthValue
    self.jobs = jobs ?? min(cores, 64)
    self.checksDeterminism = checksDeterminism
    var words = ["./sim run"] + selection
    words.append(range.count == 1 ? "--seed \(range.lowerBound)" : "--seeds \(range.lowerBound)..\(range.upperBound)")
    words.append("--profile \(chosenProfile.name)")
    if depthValue != .plain { words.append("--depth \(depthValue.rawValue)") }
    if strategy != "random" { words.append("--strategy '\(strategy)'") }
    if let database { words.append("--database-url '\(database.redacted)'") }
    command = words.joined(separator: " ")
  }
}

import TestEnvironment

/// A run of a campaign that failed.
package struct CampaignViolation: Sendable, Equatable {
  /// A defect can fail thousands of seeds: of each invariant so many get a file, which is plenty to choose the shortest
  /// from; the others are listed by their seeds.
  package static let filesPerInvariant = 20

  package var seed: UInt64
  /// The invariant that was violated first, or `run`.
  package var invariant: String
  package var message: String
  /// When it came about, in milliseconds since the start of the run.
  package var milliseconds: Int64
  package var fingerprint: String
  package var faults: Int
  package var operations: Int
  package var kernelEvents: Int
  /// Whether the search had changed the plan: then only the file repeats it.
  package var isChanged: Bool
  /// The failure file, inside the folder of reports; nil: enough others have one.
  package var file: String?

  package init(_ run: CampaignRun, _ signature: String, isKept: Bool) {
    seed = run.seed
    invariant = signature
    message = run.message
    milliseconds = run.time.components.seconds * 1_000 + run.time.components.attoseconds / 1_000_000_000_000_000
    fingerprint = run.fingerprint
    faults = run.plan.faults.count
    operations = run.plan.operations.count
    kernelEvents = run.kernelEvents
    isChanged = run.isChanged
    file = isKept || run.isChanged ? "failures/chaos-\(run.seed).json" : nil
  }

  package init(
    seed: UInt64, invariant: String, message: String, milliseconds: Int64, fingerprint: String, faults: Int,
    operations: Int, kernelEvents: Int, isChanged: Bool, file: String?
  ) {
    self.seed = seed
    self.invariant = invariant
    self.message = message
    self.milliseconds = milliseconds
    self.fingerprint = fingerprint
    self.faults = faults
    self.operations = operations
    self.kernelEvents = kernelEvents
    self.isChanged = isChanged
    self.file = file
  }
}

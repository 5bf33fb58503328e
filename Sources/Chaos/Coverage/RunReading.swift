import TestEnvironment

/// Reads the observations of a run once, for everything that is counted of it.
struct RunReading {
  let obligations: [String: Int]
  let coverage: [UInt64]

  init(_ observations: [TimedObservation]) {
    var faults = ActiveFaults()
    var coverage = CoverageRecorder()
    var obligations = ObligationCounter()
    for timed in observations {
      faults.follow(timed.observation)
      coverage.follow(timed.observation, faults)
      obligations.follow(timed, faults)
    }
    self.coverage = coverage.sorted
    self.obligations = obligations.named
  }
}

import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 2 under the contract: what it promises beyond what ``ContractTests`` ask of all.
@Suite("HA Kubernetes agent leader election")
struct HAKubernetesAgentLeaderElectionTests {
  /// What `./sim run ha-k8s-agent-leader-election` runs.
  static let plain = CaseAndVariant.plain(of: .haKubernetesAgentLeaderElection, seed: ContractRuns.seed)
  /// Every moment and way in which HA-LE-06 loses a leader.
  static let boundaries = CaseAndVariant.all(of: .haKubernetesAgentLeaderElection).filter {
    $0.testCase.id == "HA-LE-06"
  }

  @Test("a leader that is lost at any boundary of a start leaves one workload or none", arguments: boundaries)
  func everyBoundary(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
  }

  /// The other side of the largest safe rate that HA-LE-10 prints: 15/10 is unsafe for some moments, 15/7.5 for all.
  @Test("clocks more than a quarter apart give two leaders, and without fencing both write", arguments: [50, 100])
  func largerRates(_ percent: Int) throws {
    let testCase = HAKubernetesAgentLeaderElection.rateBeyondTheContract(percent: percent)
    let profile = try Profile("contract+C-04")
    let broken = (1...12).count { (seed: UInt64) in
      let run = CaseRunner.run(
        CaseRequest(testCase: testCase, variant: testCase.variants[0], seed: seed, profile: profile))
      return run.invariants.contains { $0.id == "I-LEADER-ONE" && $0.violationCount > 0 }
    }
    #expect(percent == 50 ? broken > 0 : broken == 12, "\(broken) of 12 seeds")
  }
}

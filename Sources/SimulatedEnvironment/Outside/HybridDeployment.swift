import Oracles
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The deployment of a run that is partly real; so named because platforms have deployments too.
package typealias HybridDeployment = Deployment

/// What an environment outside of the simulation needs of a deployment.
extension Deployment {
  /// The deployment of a topology around a real control plane: agents, platforms, users and viewers are simulated.
  package convenience init(
    _ topology: Topology, around outside: OutsideControlPlane, in simulation: Simulation
  ) throws {
    try self.init(topology, behaviours: Behaviours(), outside: outside, in: simulation)
  }

  /// The rows that a contract database of a topology holds before anything runs, in the order in which they can be
  /// inserted.
  package static func fixtureRows(of topology: Topology) throws -> [(SQLStatement, [SQLValue])] {
    try FixtureRows.rows() + agentAndLicenceRows(topology)
  }

  /// The key with which agents enrol; every replica is given it.
  package static var bootstrapKey: String { AgentKeys.bootstrap }
  /// The password of the administrator of the fixtures.
  package static var administratorPassword: String { FixtureRows.password(of: "admin") }

  package var replicaNames: [String] { replicas.map(\.name) }

  /// The control plane is there: agents start, those that the case does not start itself.
  package func controlPlaneStands() {
    isSeeded = true
    startAgents()
  }

  /// The faults inside, as far as they have touched anything.
  package var faultSummaries: [FaultSummary] {
    simulation.faults.records.map { record in
      FaultSummary(
        name: record.name, start: Duration(record.start), end: record.end.map { Duration($0) }, touched: record.touched)
    }
  }

  /// Every viewer closes its page.
  package func viewersLeave() { viewers.leaveAll() }

  /// One request to a replica from a host of its own; nil: no answer within `timeout`.
  package func ask(
    _ replica: String, _ request: HTTPRequest, timeout: TimeSpan, _ answer: @escaping (HTTPResponse?) -> Void
  ) {
    guard let life = try? client(on: "watch") else { return answer(nil) }
    simulation.network.open(
      from: life, to: Endpoint(host: replica, port: Self.replicaPort),
      hello: Frame(request, byteCount: request.byteCount), timeout: timeout
    ) { outcome in
      guard case .reply(let payload) = outcome else { return answer(nil) }
      answer((payload as? Frame<HTTPResponse>)?.value)
    }
  }
}

extension SimulatedCaseEnvironment {
  /// What the text of the lock record of an agent says; nil: nobody holds it.
  package func lock(of agent: String, record: String?) -> LeaderLock? {
    ObservationRecorder.lock(text: record).map {
      LeaderLock(
        holder: deployment.recorder.processName($0.holder), term: $0.term,
        writes: deployment.recorder.lockWrites[agent] ?? 0)
    }
  }

  /// Ends every fault inside that still holds.
  package func heal() { faults.healAll() }
}

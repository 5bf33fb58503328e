import ControlPlane
import Database
import Kubernetes
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The environment of one simulated run, as a case body sees it.
///
/// Unchecked: case bodies run on the simulation's thread alone; the case layer traps a call from any other.
package final class SimulatedCaseEnvironment: Environment, @unchecked Sendable {
  package let seed: UInt64
  package let depth: Depth
  package let variant: Variant
  package let record: CaseRecord
  package let deployment: Deployment
  /// Who asks and writes the database for the case.
  let statements: any StatementRunner
  private let workload: String
  private var clients: [String: RESTClient] = [:]
  private var scriptedAgents: [String: ScriptedAgentClient] = [:]
  private var tasks = 0
  private(set) var faults: FaultDesk
  /// What is being counted of the components' use.
  var meter: ResourceMeter?

  /// `statements`: who carries out statements; nil: the simulated database.
  package init(
    _ request: CaseRequest, _ deployment: Deployment, record: CaseRecord = CaseRecord(),
    statements: (any StatementRunner)? = nil
  ) {
    seed = request.seed
    depth = request.depth
    variant = request.variant
    self.record = record
    self.deployment = deployment
    workload = "workload.\(request.testCase.id)"
    faults = FaultDesk(deployment)
    self.statements = statements ?? SimulatedStatements(deployment)
  }

  var simulation: Simulation { deployment.simulation }

  // MARK: Time and choice

  package var now: Duration { Duration(simulation.now) }

  package func sleep(for span: Duration) async throws {
    // A rest of less than a nanosecond is one: a case that sleeps until a moment must get there.
    try await simulation.cases.sleep(span > .zero ? max(TimeSpan(span), .nanoseconds(1)) : .zero)
  }

  package func choose(_ name: String, _ count: Int) -> Int {
    simulation.decisions.choose(simulation.decisions.stream("\(workload).\(name)"), count)
  }

  package func concurrently<T: Sendable>(_ bodies: [@Sendable () async throws -> T]) async throws -> [T] {
    let first = tasks + 1
    tasks += bodies.count
    return try await withThrowingTaskGroup(of: (Int, T).self) { group in
      for (index, body) in bodies.enumerated() {
        group.addTask {
          try await CaseTask.$number.withValue(first + index) { (index, try await body()) }
        }
      }
      var results = [T?](repeating: nil, count: bodies.count)
      for try await (index, result) in group { results[index] = result }
      return results.compactMap(\.self)
    }
  }

  // MARK: Clients

  package func user(_ name: String) -> any SessionClient { client(name) }

  func client(_ name: String) -> RESTClient {
    if let client = clients[name] { return client }
    let client = RESTClient(
      name, deployment,
      report: { [unowned self] request in deployment.recorder.add(.requestAnswered(request: request)) })
    clients[name] = client
    return client
  }

  package func agentClient(_ name: String) -> any AgentClient {
    if let client = scriptedAgents[name] { return client }
    let client = ScriptedAgentClient(name, deployment)
    scriptedAgents[name] = client
    return client
  }

  // MARK: Deployment

  package var replicas: [String] { deployment.replicas.map(\.name) }
  package var agents: [String] { deployment.agents.map(\.id) }

  package func instances(of agent: String) -> [String] { deployment.agents.first { $0.id == agent }?.instances ?? [] }

  package func control(_ component: Component, _ action: Action) async throws {
    let processes = try deployment.processes(of: component)
    let operations = ProcessOperations(deployment)
    try await simulation.cases.wait("\(action) of \(component)") { (handle: WaitHandle<Void>) in
      var open = processes.count
      for process in processes {
        operations.perform(action, on: component, process) {
          open -= 1
          if open == 0 { handle.succeed(()) }
        }
      }
    }
  }

  package func begin(_ fault: Fault, for span: Duration?) async throws -> FaultHandle {
    let desk = faults
    return try await simulation.cases.wait("beginning of a fault") { (handle: WaitHandle<FaultHandle>) in
      do { handle.succeed(try desk.begin(fault, lasting: span.map { TimeSpan($0) })) } catch { handle.fail(error) }
    }
  }

  package func end(_ fault: FaultHandle) async throws {
    let desk = faults
    try await simulation.cases.wait("end of a fault") { (handle: WaitHandle<Void>) in
      desk.end(fault)
      handle.succeed(())
    }
  }

  package func steerSockets(to replica: String?) async throws { deployment.balancerProgram?.steeredTo = replica }

  // MARK: Observing

  package func setLoad(_ running: Bool) { deployment.recorder.add(running ? .loadResumed : .loadStopped) }

  package var observations: [TimedObservation] { deployment.recorder.observations }

  // MARK: Probes over the control plane

  package func isReady(_ replica: String) async throws -> Bool { deployment.recorder.isReady(replica) }

  package func agentList(at replica: String) async throws -> [TestEnvironment.AgentRow] {
    let document = try await client("admin").document("/api/v1/admin/agents", at: replica)
    guard let list = document?["agents"]?.elements ?? document?.elements else {
      throw EnvironmentError("\(replica) did not list the agents")
    }
    return list.map { item in
      TestEnvironment.AgentRow(
        agent: item["agentId"]?.text ?? "", status: item["status"]?.text ?? "", lastHeartbeat: nil, connectionPod: nil)
    }.sorted { $0.agent < $1.agent }
  }
}

/// A case asked for something that the environment cannot do.
package struct EnvironmentError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

import SimulationRuntime
import TestEnvironment

/// Stops, kills, pauses and restarts of components, with the times a platform takes (spec/06 §10.3).
struct ProcessOperations {
  private let deployment: Deployment

  /// Deletion of a pod to creation of the next; a crashed one is not terminated first.
  private static let termination = TimeSpan.seconds(2)
  private static let creation = TimeSpan.seconds(1)
  private static let replicaStart = LatencyModel.uniform(.seconds(12), .seconds(20))
  private static let agentStart = LatencyModel.uniform(.seconds(16), .seconds(22))
  private static let redisStart = LatencyModel.uniform(.seconds(4), .seconds(7))

  private static let poll = EventLabel("environment.stop")

  init(_ deployment: Deployment) { self.deployment = deployment }

  /// Does it; `done` is called when the action is carried out (a stop: when the process has ended).
  func perform(_ action: Action, on component: Component, _ process: SimulatedProcess, done: @escaping () -> Void) {
    switch action {
    case .start: process.start()
    case .crash: process.crash()
    case .vanish: process.vanish()
    case .pause:
      process.pause()
      deployment.recorder.add(.processPaused(process: process.name))
    case .resume:
      process.resume()
      deployment.recorder.add(.processResumed(process: process.name))
    case .stop:
      deployment.recorder.expectEnd(of: process.name)
      process.terminate()
      awaitEnd(of: process, done)
      return
    case .restart: restart(component, process)
    }
    done()
  }

  private func awaitEnd(of process: SimulatedProcess, _ done: @escaping () -> Void) {
    if process.current == nil { return done() }
    deployment.simulation.schedule(after: .milliseconds(10), Self.poll) { awaitEnd(of: process, done) }
  }

  /// The platform replaces the process: it ends, and another life begins after the times of a new pod.
  private func restart(_ component: Component, _ process: SimulatedProcess) {
    let simulation = deployment.simulation
    let starts = simulation.decisions.stream("environment.starts")
    let model =
      switch component {
      case .replica: Self.replicaStart
      case .agent, .instance: Self.agentStart
      case .controlPlane: process === deployment.balancer ? Self.redisStart : Self.replicaStart
      case .redis, .database, .kubernetes, .docker: Self.redisStart
      }
    deployment.replacePod(of: process)
    let start = Self.creation + simulation.decisions.draw(starts, model)
    guard process.current != nil else { return process.start(after: start) }
    deployment.recorder.expectEnd(of: process.name)
    process.terminate()
    let began = simulation.now
    awaitEnd(of: process) {
      // A slow drain does not hold up the new pod, but both bear one name here.
      let elapsed = simulation.now - began
      let rest = Self.termination + start - elapsed
      process.start(after: rest < Self.creation ? Self.creation : rest)
    }
  }
}

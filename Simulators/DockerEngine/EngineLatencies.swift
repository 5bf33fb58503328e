import SimulationRuntime
import StreamSpaceProtocol

/// How long the steps of the engine take: spec/06 §10.3 for create, start, inspect and images, the measurements of
/// spec/04 §4.5 for the rest.
package struct EngineLatencies: Sendable {
  package var create = LatencyModel.lognormal(median: .milliseconds(300), .s035)
  package var start = LatencyModel.lognormal(median: .milliseconds(500), .s035)
  /// Inspect and every other read.
  package var inspect = LatencyModel.lognormal(median: .milliseconds(20), .s060)
  /// A signal; the way into a stop, a restart or a removal.
  package var signal = LatencyModel.lognormal(median: .milliseconds(20), .s035)
  /// From the mark of a removal until the container is gone: forced remove 65 ms (spec/04 §4.5).
  package var removal = LatencyModel.lognormal(median: .milliseconds(45), .s035)
  /// Pause and unpause: 14 ms.
  package var pause = LatencyModel.lognormal(median: .milliseconds(14), .s035)
  /// Create of a network: 7 ms; connect and remove alike.
  package var network = LatencyModel.lognormal(median: .milliseconds(7), .s035)
  /// Create of a volume: 4 ms; remove alike.
  package var volume = LatencyModel.lognormal(median: .milliseconds(4), .s035)
  /// Rename.
  package var write = LatencyModel.lognormal(median: .milliseconds(4), .s035)
  /// Ping, version, and the way into a wait, a pull or a stream.
  package var ping = LatencyModel.constant(.milliseconds(1))
  /// A write of the swarm's store: agreed among the managers, as a lease write (spec/06 §10.3).
  package var swarmWrite = LatencyModel.lognormal(median: .milliseconds(30), .s070)
  /// The registry's first answer: also how soon it says that it has no such image.
  package var registry = LatencyModel.uniform(.milliseconds(500), .milliseconds(1500))
  /// A pull of an image that is not on the machine (spec/06 §10.3, image cold).
  package var imageCold = LatencyModel.uniform(.milliseconds(8000), .milliseconds(18_000))
  /// Until a failing pull is given up (spec/06 §10.3: failure 60 s).
  package var imageFailure = LatencyModel.constant(.seconds(60))
  /// From the loss of a swarm's task until another is started in its place (spec/03 §5.5: restart delay 5 s).
  package var taskReplacement = LatencyModel.constant(.seconds(5))

  package init() {}
}

/// The drawn steps, each from its own stream of decisions, so that a new draw in one does not shift another.
struct LatencySteps {
  /// One step.
  struct Step {
    let model: LatencyModel
    let stream: DecisionStream
    let decisions: Decisions

    func draw() -> TimeSpan { decisions.draw(stream, model) }
  }

  let create, start, inspect, signal, removal, pause, network, volume, write, ping, swarmWrite, registry: Step
  let imageCold, imageFailure, taskReplacement: Step
  /// For the time a process takes to obey; its model is the process's own.
  let termination: DecisionStream
  let decisions: Decisions

  /// `host` keeps several engines of one run apart.
  init(_ latencies: EngineLatencies, _ decisions: Decisions, host: String) {
    func step(_ name: String, _ model: LatencyModel) -> Step {
      Step(model: model, stream: decisions.stream("docker.\(host).\(name)"), decisions: decisions)
    }
    create = step("create", latencies.create)
    start = step("start", latencies.start)
    inspect = step("inspect", latencies.inspect)
    signal = step("signal", latencies.signal)
    removal = step("removal", latencies.removal)
    pause = step("pause", latencies.pause)
    network = step("network", latencies.network)
    volume = step("volume", latencies.volume)
    write = step("write", latencies.write)
    ping = step("ping", latencies.ping)
    swarmWrite = step("swarm-write", latencies.swarmWrite)
    registry = step("registry", latencies.registry)
    imageCold = step("image-cold", latencies.imageCold)
    imageFailure = step("image-failure", latencies.imageFailure)
    taskReplacement = step("task-replacement", latencies.taskReplacement)
    termination = decisions.stream("docker.\(host).termination")
    self.decisions = decisions
  }

  func draw(_ model: LatencyModel) -> TimeSpan { decisions.draw(termination, model) }

  /// What the daemon spends on a call before it takes effect. Stops, removals and pulls take longer: the rest of them
  /// comes after.
  func serverTime(of call: DockerCall) -> TimeSpan {
    switch call {
    case .ping, .version, .events, .containerWait, .imagePull: ping.draw()
    case .info, .containerInspect, .containerList, .imageInspect, .imageList, .networkInspect, .networkList,
      .volumeInspect, .volumeList, .serviceInspect, .serviceList, .taskList:
      inspect.draw()
    case .containerCreate: create.draw()
    case .containerStart: start.draw()
    case .containerStop, .containerKill, .containerRestart, .containerRemove: signal.draw()
    case .containerPause, .containerUnpause: pause.draw()
    case .containerRename: write.draw()
    case .networkCreate, .networkRemove, .networkConnect, .networkDisconnect: network.draw()
    case .volumeCreate, .volumeRemove: volume.draw()
    case .serviceCreate, .serviceUpdate, .serviceRemove: swarmWrite.draw()
    }
  }
}

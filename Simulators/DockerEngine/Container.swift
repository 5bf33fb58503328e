import SimulationRuntime
import StreamSpaceProtocol

/// One container of an engine.
final class Container {
  let id: String
  var name: String
  let specification: ContainerSpecification
  let imageID: String
  let createdAt: Instant
  let process: ContainerProcess
  /// Program and arguments as a list shows them.
  let commandText: String
  var state = ContainerState()
  var restartCount = 0
  /// A stop or kill by hand ends the restart policy until a manual start (spec/04 §4.5).
  var isManuallyStopped = false
  var hasBeenStarted = false
  /// Marked for removal.
  var isRemoving = false
  var endpoints: [EndpointSettings]
  var ports: [PortBinding] = []
  /// Counts the runs of its process, so that what was planned for one run does not touch the next.
  var run = 0
  var runningSince: Instant?
  /// The last wait of the restart policy; zero before the first.
  var backOff = TimeSpan.zero
  /// The next attempt of the restart policy.
  var pendingRestart = EventToken.none
  /// Told once, at the next end of a run.
  var exitWatchers: [(Int) -> Void] = []
  /// Told once, when the container is gone.
  var removalWatchers: [(Int) -> Void] = []
  /// An end that happened while no daemon was there to see it.
  var unseenExit: (code: Int, isOutOfMemory: Bool)?

  init(
    id: String, name: String, specification: ContainerSpecification, imageID: String, createdAt: Instant,
    process: ContainerProcess, networks: [String]
  ) {
    self.id = id
    self.name = name
    self.specification = specification
    self.imageID = imageID
    self.createdAt = createdAt
    self.process = process
    commandText = (specification.command ?? []).enumerated()
      .map { $0 > 0 && $1.contains(" ") ? "'\($1)'" : $1 }.joined(separator: " ")
    endpoints = networks.map { EndpointSettings(network: $0) }
  }

  /// A process is there: running or paused.
  var hasProcess: Bool { state.status == .running || state.status == .paused }

  /// `default` when none was asked for.
  var networkMode: String {
    specification.host.networkMode.isEmpty ? "default" : specification.host.networkMode
  }

  var session: String { specification.labels[DockerLabel.session] ?? "" }

  /// First wait of the restart policy, and the longest (spec/04 §4.5).
  static let restartBackOff = (first: TimeSpan.milliseconds(100), longest: TimeSpan.minutes(1))
  /// A run that long makes earlier ends forgotten (spec/04 §4.5).
  static let steadyRun = TimeSpan.seconds(10)

  /// The wait before the next attempt, after a run that took `span`.
  func nextBackOff(afterRunOf span: TimeSpan) -> TimeSpan {
    if span >= Self.steadyRun { backOff = .zero }
    backOff = backOff == .zero ? Self.restartBackOff.first : min(backOff * 2, Self.restartBackOff.longest)
    return backOff
  }

  /// Whether the policy wants another run after an end with `code`.
  func wantsRestart(after code: Int) -> Bool {
    switch specification.host.restartPolicy {
    case .no: false
    case .always: true
    case .unlessStopped: !isManuallyStopped
    case .onFailure(let maximum): code != 0 && (maximum == 0 || restartCount < maximum)
    }
  }
}

/// The containers of an engine, oldest first, found by name, id or a unique start of the id.
struct ContainerTable {
  private(set) var all: [Container] = []
  private var byID: [String: Container] = [:]
  private var byName: [String: Container] = [:]

  var count: Int { all.count }

  func named(_ name: String) -> Container? { byName[name] }

  /// The container a request means.
  func find(_ text: String) throws(DockerFailure) -> Container {
    let name = text.hasPrefix("/") ? String(text.dropFirst()) : text
    if let container = byID[name] ?? byName[name] { return container }
    guard !name.isEmpty else { throw .noSuchContainer(text) }
    var match: Container?
    for container in all where container.id.hasPrefix(name) {
      if match != nil { throw .ambiguousPrefix(text) }
      match = container
    }
    guard let match else { throw .noSuchContainer(text) }
    return match
  }

  /// Whether this very container is still there.
  func holds(_ container: Container) -> Bool { byID[container.id] === container }

  mutating func add(_ container: Container) {
    all.append(container)
    byID[container.id] = container
    byName[container.name] = container
  }

  mutating func remove(_ container: Container) {
    all.removeAll { $0 === container }
    byID[container.id] = nil
    byName[container.name] = nil
  }

  mutating func rename(_ container: Container, to name: String) {
    byName[container.name] = nil
    container.name = name
    byName[name] = container
  }
}

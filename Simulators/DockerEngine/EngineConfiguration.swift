import SimulationRuntime
import StreamSpaceProtocol

/// The machine and the daemon on it.
package struct EngineConfiguration: Sendable {
  /// Where an image is at first.
  package enum ImageClass: Sendable, Hashable {
    /// On the machine.
    case cached
    /// In the registry; once pulled it stays on the machine.
    case cold
    /// Nowhere: a pull is answered 404.
    case unknown
  }

  /// Name of the host the daemon runs on.
  package var host: String
  /// Processors of the machine: the limit of NanoCpus.
  package var processors: Int
  /// Memory of the machine in bytes.
  package var memory: Int64
  /// Images that are not of ``defaultImageClass``, by reference with tag.
  package var images: [String: ImageClass]
  package var defaultImageClass: ImageClass
  /// Images without a command of their own: a create must bring one.
  package var commandlessImages: Set<String>
  /// What the process of a container does; default: a session's, ``ContainerProcess/session``.
  package var process: @Sendable (ContainerSpecification) -> ContainerProcess
  /// Whether there is the network `bridge` (not with `--bridge=none`).
  package var hasDefaultBridge: Bool
  /// First and last host port the engine chooses itself: the range of Linux.
  package var ephemeralPorts: ClosedRange<Int>
  /// Host ports that something else on the machine has.
  package var foreignPorts: Set<Int>
  /// Containers go on while the daemon is away (`--live-restore`, off by default).
  package var liveRestore: Bool
  /// What the machine's clock shows when the run begins, in nanoseconds since 1970.
  package var clockAtStart: Int64

  package init(
    host: String = DockerAPI.host, processors: Int = 16, memory: Int64 = 68_719_476_736,
    images: [String: ImageClass] = [:], defaultImageClass: ImageClass = .cached
  ) {
    self.host = host
    self.processors = processors
    self.memory = memory
    self.images = images
    self.defaultImageClass = defaultImageClass
    commandlessImages = []
    process = { _ in .session }
    hasDefaultBridge = true
    ephemeralPorts = 32768...60999
    foreignPorts = []
    liveRestore = false
    clockAtStart = Epoch.unixSeconds * 1_000_000_000
  }

  func imageClass(_ reference: ImageReference) -> ImageClass {
    images[reference.text] ?? images[reference.name] ?? defaultImageClass
  }
}

/// What the first process of a container does.
package struct ContainerProcess: Sendable {
  /// How it ends by itself.
  package enum Ending: Sendable, Equatable {
    case exits(code: Int, after: TimeSpan)
    /// It takes more memory than its limit.
    case outOfMemory(after: TimeSpan)
  }

  /// What it does on SIGTERM. Process 1 without a handler ignores it (spec/04 §4.5).
  package enum Termination: Sendable, Equatable {
    case ignored
    case exits(code: Int, after: LatencyModel)
  }

  /// False: the image has no such command.
  package var isFound = true
  /// Nil: it runs until it is stopped.
  package var ending: Ending?
  package var termination: Termination

  package init(termination: Termination, ending: Ending? = nil) {
    self.termination = termination
    self.ending = ending
  }

  /// A desktop: runs until told to stop and obeys within a second (spec/06 §10.3, object deletion).
  package static let session = ContainerProcess(
    termination: .exits(code: 143, after: .lognormal(median: .milliseconds(900), .s060)))
}

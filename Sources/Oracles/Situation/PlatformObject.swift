import TestEnvironment

/// A platform object of a session.
struct PlatformObject {
  let name: String
  var agent: String
  var exists = false
  var isReady = false
  var hasZeroInstances = false
  var wasEverReady = false
  /// When it last ceased to be ready, or went.
  var lastTrouble: Duration?
  /// The command that made it.
  var maker: String?
  var lastEvent: TimedObservation

  /// Deployments and containers; a name without kind is one too.
  let isWorkload: Bool
  let isContainer: Bool
  /// A claim or volume: the home of a session made with persistentHome outlives it (C27, I-NO-ORPHAN). Where that is not
  /// told, all of them are let pass.
  let isVolume: Bool
  /// The Docker network, which the sessions share, and issued keys (I-NO-ORPHAN).
  let isExempt: Bool

  init(name: String, agent: String, lastEvent: TimedObservation) {
    self.name = name
    self.agent = agent
    self.lastEvent = lastEvent
    let parts = name.split(separator: "/")
    let kind = parts.count > 1 ? parts[0] : "workload"
    isWorkload = ["deployment", "container", "workload", "statefulset"].contains(kind)
    isContainer = kind == "container"
    isVolume = ["pvc", "persistentvolumeclaim", "volume"].contains(kind)
    isExempt = Self.isShared(name)
  }

  /// Objects that sessions or replicas share.
  static func isShared(_ name: String) -> Bool { name.hasPrefix("network/") || name.hasPrefix("secret/") }
}

extension PlatformObject {
  mutating func follow(_ event: WorkloadEvent, command: String?, agent: String, event observation: TimedObservation) {
    self.agent = agent
    lastEvent = observation
    if [.notReady, .failed, .scaledToZero, .deleted].contains(event) { lastTrouble = observation.time }
    switch event {
    case .created:
      exists = true
      isReady = false
      hasZeroInstances = false
      maker = command ?? maker
    case .ready:
      exists = true
      isReady = true
      hasZeroInstances = false
      wasEverReady = true
    case .notReady, .failed:
      exists = true
      isReady = false
    case .scaledToZero:
      exists = true
      isReady = false
      hasZeroInstances = true
    case .scaledUp: hasZeroInstances = false
    case .deleted:
      exists = false
      isReady = false
    }
  }
}

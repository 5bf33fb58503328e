import SimulationRuntime
import StreamSpaceProtocol

/// A fault of an engine as a value (spec/05 §2 `docker(…)`, spec/04 §4.6).
package enum DockerFault: Sendable, Hashable {
  /// The daemon cannot be reached; its containers go on.
  case down(Outage)
  /// The daemon stops when the fault begins and starts when it ends. Containers end with it (unless
  /// ``EngineConfiguration/liveRestore``); those of policy `always` and `unless-stopped` come back. Streams are cut.
  case daemonRestart
  /// Creates of containers are answered 500.
  case createFails
  /// Starts of containers are answered 500.
  case startFails
  /// Starts of containers are not answered; they take effect when the fault ends.
  case startHangs
  /// Every container that is started ends at once with this code (spec/04 §4.6, exit right after start).
  case exitsAfterStart(code: Int)
  /// Pulls take that long; nil stands for every image.
  case pull(image: String?, TimeSpan)
  /// Pulls fail with 500; nil stands for every image.
  case pullFailure(image: String?)
  /// Pulls fail inside the progress stream, after 200; nil stands for every image.
  case pullBreaks(image: String?)
  /// The registry and the machine do not have the image.
  case unknownImage(String)
  /// Calls are answered 500 before they do anything; nil stands for every call.
  case apiErrors(DockerCall?, Ratio)
  /// Every call takes that much longer.
  case slow(TimeSpan)
  /// A write takes effect, but the connection breaks before the answer; nil stands for every write.
  case answerLost(DockerCall?, Ratio)
  /// The running container of a session ends with this code, now; nil stands for all sessions.
  case exit(session: String?, code: Int)
  /// The running container of a session is killed for its memory, now; nil stands for all sessions.
  case outOfMemory(session: String?)
  /// All event streams are cut, now.
  case eventStreamCut
  /// Creates of containers and volumes and pulls are answered 500 `no space left on device`.
  case diskFull
  /// This manager does not see a majority of the swarm's managers.
  case noSwarmLeader

  /// How the daemon is unreachable.
  package enum Outage: Sendable, Hashable {
    /// Calls are swallowed.
    case silent
    /// RST at once: the socket is missing. Streams are cut.
    case refusing
  }

  /// A probability as a fraction.
  package struct Ratio: Sendable, Hashable {
    package var numerator: Int
    package var denominator: Int

    package init(_ numerator: Int, in denominator: Int) {
      self.numerator = numerator
      self.denominator = denominator
    }

    package static let always = Ratio(1, in: 1)
  }

  /// Whether it happens once, at its beginning.
  package var isMomentary: Bool {
    switch self {
    case .exit, .outOfMemory, .eventStreamCut: true
    default: false
    }
  }

  /// As spec/05 §2 writes it.
  package var text: String {
    switch self {
    case .down(.silent): "docker(down)"
    case .down(.refusing): "docker(down refusing)"
    case .daemonRestart: "docker(restart)"
    case .createFails: "docker(create-fail)"
    case .startFails: "docker(start-fail)"
    case .startHangs: "docker(start-hang)"
    case .exitsAfterStart(let code): "docker(exit-after-start \(code))"
    case .pull(let image, let span): "docker(pull \(image ?? "*") \(span))"
    case .pullFailure(let image): "docker(pull-failure \(image ?? "*"))"
    case .pullBreaks(let image): "docker(pull-breaks \(image ?? "*"))"
    case .unknownImage(let image): "docker(unknown-image \(image))"
    case .apiErrors(let call, let ratio):
      "docker(errors \(call?.rawValue ?? "*") \(ratio.numerator)/\(ratio.denominator))"
    case .slow(let span): "docker(slow \(span))"
    case .answerLost(let call, let ratio):
      "docker(answer-lost \(call?.rawValue ?? "*") \(ratio.numerator)/\(ratio.denominator))"
    case .exit(let session, let code): "docker(exit \(session ?? "*") \(code))"
    case .outOfMemory(let session): "docker(oom \(session ?? "*"))"
    case .eventStreamCut: "docker(event-stream-cut)"
    case .diskFull: "docker(disk-full)"
    case .noSwarmLeader: "docker(no-swarm-leader)"
    }
  }
}

/// The faults that hold now, newest last, with their ledger.
final class FaultBoard {
  private struct Entry {
    let fault: DockerFault
    let record: FaultRecord
  }

  private unowned let simulation: Simulation
  private let draws: DecisionStream
  private var entries: [Entry] = []

  private static let begun = EventLabel("docker.fault.begun")
  private static let ended = EventLabel("docker.fault.ended")

  init(simulation: Simulation, host: String) {
    self.simulation = simulation
    draws = simulation.decisions.stream("docker.\(host).faults")
  }

  func begin(_ fault: DockerFault) -> FaultRecord {
    let record = simulation.faults.begin(fault.text, at: simulation.now)
    simulation.note(Self.begun, ("fault", .text(fault.text)))
    entries.append(Entry(fault: fault, record: record))
    return record
  }

  /// The fault of a record, which ends now; nil if it has ended before.
  func end(_ record: FaultRecord) -> DockerFault? {
    guard let index = entries.firstIndex(where: { $0.record === record }) else { return nil }
    let entry = entries.remove(at: index)
    simulation.faults.end(record, at: simulation.now)
    simulation.note(Self.ended, ("fault", .text(record.name)))
    return entry.fault
  }

  /// The value of the newest fault that `select` takes; it is counted as touched.
  func first<T>(_ select: (DockerFault) -> T?) -> T? {
    for entry in entries.reversed() {
      guard let value = select(entry.fault) else { continue }
      entry.record.touch(at: simulation.now)
      return value
    }
    return nil
  }

  /// Whether this very fault holds; it is counted as touched.
  func strikes(_ fault: DockerFault) -> Bool {
    guard !entries.isEmpty else { return false }
    return first { $0 == fault ? true : nil } ?? false
  }

  /// Whether a fault that `ratio` finds strikes now.
  func strikes(_ ratio: (DockerFault) -> DockerFault.Ratio?) -> Bool {
    for entry in entries.reversed() {
      guard let ratio = ratio(entry.fault),
        simulation.decisions.happens(draws, ratio.numerator, in: ratio.denominator)
      else { continue }
      entry.record.touch(at: simulation.now)
      return true
    }
    return false
  }

  /// Whether this very fault holds, without counting it.
  func holds(_ fault: DockerFault) -> Bool { entries.contains { $0.fault == fault } }

  var isEmpty: Bool { entries.isEmpty }
}

import SimulationRuntime
import StreamSpaceProtocol

/// A fault of the cluster as a value (spec/05 §2 `k8s(…)`, spec/04 §4.6).
package enum KubernetesFault: Sendable, Hashable {
  /// The API server does not work: no answer at all, or 503.
  case down(Outage)
  /// 429 with Retry-After, in whole seconds.
  case throttle(retryAfterSeconds: Int)
  /// PUTs are refused with 409 as if another writer had been faster; all kinds, or one.
  case conflict(KubernetesKind?, Ratio)
  /// 403 for a verb on a kind; nil stands for every verb.
  case forbid(KubernetesVerb?, KubernetesKind)
  /// Every request waits that much longer.
  case slow(TimeSpan)
  /// A write takes effect, but the connection breaks before the answer.
  case answerLost(KubernetesVerb?, KubernetesKind?, Ratio)
  /// Pulls of an image take that long; nil stands for every image.
  case imagePull(image: String?, TimeSpan)
  /// Pulls of an image fail; nil stands for every image.
  case imagePullFailure(image: String?)
  /// No new pod fits on a node.
  case unschedulable

  /// How the server is down.
  package enum Outage: Sendable, Hashable {
    /// Requests are swallowed.
    case silent
    /// 503 at once.
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

  /// As spec/05 §2 writes it.
  package var text: String {
    switch self {
    case .down(.silent): "k8s(down)"
    case .down(.refusing): "k8s(down 503)"
    case .throttle: "k8s(throttle)"
    case .conflict(let kind, let ratio):
      "k8s(conflict \(kind?.plural ?? "*") \(ratio.numerator)/\(ratio.denominator))"
    case .forbid(let verb, let kind): "k8s(forbid \(verb?.rawValue ?? "*") \(kind.plural))"
    case .slow(let span): "k8s(slow \(span))"
    case .answerLost(let verb, let kind, let ratio):
      "k8s(answer-lost \(verb?.rawValue ?? "*") \(kind?.plural ?? "*") \(ratio.numerator)/\(ratio.denominator))"
    case .imagePull(let image, let span): "k8s(image-pull \(image ?? "*") \(span))"
    case .imagePullFailure(let image): "k8s(image-pull-failure \(image ?? "*"))"
    case .unschedulable: "k8s(unschedulable)"
    }
  }
}

/// The faults that hold now, newest last, with their ledger.
final class FaultBoard {
  private struct Entry {
    let fault: KubernetesFault
    let record: FaultRecord
  }

  private unowned let simulation: Simulation
  private let draws: DecisionStream
  private var entries: [Entry] = []

  private static let begun = EventLabel("kubernetes.fault.begun")
  private static let ended = EventLabel("kubernetes.fault.ended")

  init(simulation: Simulation) {
    self.simulation = simulation
    draws = simulation.decisions.stream("kubernetes.faults")
  }

  func begin(_ fault: KubernetesFault, lasting duration: TimeSpan?) -> FaultRecord {
    let record = simulation.faults.begin(fault.text, at: simulation.now)
    simulation.note(Self.begun, ("fault", .text(fault.text)))
    entries.append(Entry(fault: fault, record: record))
    if let duration {
      simulation.schedule(after: duration, Self.ended) { [weak self] in self?.end(record) }
    }
    return record
  }

  func end(_ record: FaultRecord) {
    guard let index = entries.firstIndex(where: { $0.record === record }) else { return }
    entries.remove(at: index)
    simulation.faults.end(record, at: simulation.now)
    simulation.note(Self.ended, ("fault", .text(record.name)))
  }

  /// The value of the newest fault that `select` takes; it is counted as touched.
  func first<T>(_ select: (KubernetesFault) -> T?) -> T? {
    for entry in entries.reversed() {
      guard let value = select(entry.fault) else { continue }
      entry.record.touch(at: simulation.now)
      return value
    }
    return nil
  }

  /// Whether a fault that `ratio` finds strikes now.
  func strikes(_ ratio: (KubernetesFault) -> KubernetesFault.Ratio?) -> Bool {
    for entry in entries.reversed() {
      guard let ratio = ratio(entry.fault),
        simulation.decisions.happens(draws, ratio.numerator, in: ratio.denominator)
      else { continue }
      entry.record.touch(at: simulation.now)
      return true
    }
    return false
  }

  var isEmpty: Bool { entries.isEmpty }
}

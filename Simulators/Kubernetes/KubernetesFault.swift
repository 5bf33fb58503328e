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
  /// 403 for `create pods/portforward`: sessions work, nobody can view them (A-24).
  case forbidPortForward
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
  /// The pod of a session is evicted, once; its deployment makes another.
  case podEvict(session: String, Eviction)
  /// The container of a session's pod ends by itself and is restarted (restart policy Always): now and, with `again`,
  /// each time it has been ready for that long, as long as the fault holds. Without `again` it is over at once.
  case containerEnd(session: String, ContainerTermination, again: TimeSpan? = nil)
  /// The kubelet of a node is not heard of: what is under way there stalls; after 40..50 s its pods count as not ready,
  /// after further 300 s they are evicted (spec/04 §4.4). Its containers run on.
  case nodeNotReady(String)
  /// GET and LIST answer with the state of up to that long ago, drawn per request; all kinds, or one. Writes see the
  /// present.
  case staleReads(KubernetesKind?, upTo: TimeSpan)
  /// That share of all requests is refused.
  case brownOut(BrownOut, Ratio)
  /// Watches are cut and none can be opened while it holds. With `compacting` the history is forgotten at its end:
  /// who missed a change gets 410.
  case watchGap(compacting: Bool)

  /// How the server is down.
  package enum Outage: Sendable, Hashable {
    /// Requests are swallowed.
    case silent
    /// 503 at once.
    case refusing
  }

  /// Why a pod has to go.
  package enum Eviction: String, Sendable, Hashable, CaseIterable {
    /// A drained node: the pod is deleted in order.
    case drain
    /// A pod of higher priority needs the room: the pod is deleted in order.
    case preemption
    /// The node is short of memory or disk: the container is killed, the pod stays behind as Failed, reason `Evicted`,
    /// until its deployment is deleted.
    case nodePressure = "node-pressure"
  }

  /// How a brown-out refuses.
  package enum BrownOut: Sendable, Hashable {
    /// 429 with Retry-After, in whole seconds.
    case tooManyRequests(retryAfterSeconds: Int)
    /// 500
    case internalError
    /// 503
    case serviceUnavailable

    /// The status code.
    package var code: Int { failure.code }

    /// The answer.
    package var failure: KubernetesFailure {
      switch self {
      case .tooManyRequests(let seconds): .overloaded(retryAfterSeconds: seconds)
      case .internalError: KubernetesFailure(.internalError, "Internal error occurred: etcdserver: request timed out")
      case .serviceUnavailable: .unavailable
      }
    }
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
    case .forbidPortForward: "k8s(forbid create pods/portforward)"
    case .slow(let span): "k8s(slow \(span))"
    case .answerLost(let verb, let kind, let ratio):
      "k8s(answer-lost \(verb?.rawValue ?? "*") \(kind?.plural ?? "*") \(ratio.numerator)/\(ratio.denominator))"
    case .imagePull(let image, let span): "k8s(image-pull \(image ?? "*") \(span))"
    case .imagePullFailure(let image): "k8s(image-pull-failure \(image ?? "*"))"
    case .unschedulable: "k8s(unschedulable)"
    case .podEvict(let session, let eviction): "k8s(pod-evict \(session) \(eviction.rawValue))"
    case .containerEnd(let session, let termination, let again):
      "k8s(\(termination.text) \(session)\(again.map { " again \($0)" } ?? ""))"
    case .nodeNotReady(let node): "k8s(node-not-ready \(node))"
    case .staleReads(let kind, let span): "k8s(stale \(kind?.plural ?? "*") \(span))"
    case .brownOut(let kind, let ratio): "k8s(brown-out \(kind.code) \(ratio.numerator)/\(ratio.denominator))"
    case .watchGap(let compacting): "k8s(watch-gap\(compacting ? " compacting" : ""))"
    }
  }

  /// Whether it is over as soon as it has struck.
  var isMomentary: Bool {
    switch self {
    case .podEvict, .containerEnd(_, _, again: nil): true
    default: false
    }
  }
}

extension KubernetesFailure {
  /// 429 of a server that is throttling.
  static func overloaded(retryAfterSeconds: Int) -> KubernetesFailure {
    KubernetesFailure(
      .tooManyRequests, "the server has received too many requests and has asked us to try again later",
      retryAfterSeconds: retryAfterSeconds)
  }

  /// 503 of a server that cannot work.
  static let unavailable = KubernetesFailure(
    .serviceUnavailable, "the server is currently unable to handle the request")
}

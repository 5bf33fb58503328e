import Foundation

/// A component that is a pod, the pods of a label selector, or a workload of a cluster, by kubectl.
///
/// Targets: `pod/NAME` (or a bare name), `selector/KEY=VALUE`, `deployment/NAME`, `statefulset/NAME`. Deleting a pod
/// with a grace of 30 s is its stop, with 0 its kill; whoever owns it starts another. A workload is stopped by scaling
/// it to none, and started by scaling it back. There is no pause: the first process of a container takes no SIGSTOP
/// from inside.
package final class PodDriver: ComponentDriver {
  enum Target: Sendable, Hashable {
    case pod(String)
    case selector(String)
    case workload(String)

    init(_ text: String) {
      let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
      switch parts.first {
      case "pod" where parts.count == 2: self = .pod(parts[1])
      case "selector" where parts.count == 2: self = .selector(parts[1])
      case "deployment" where parts.count == 2, "statefulset" where parts.count == 2: self = .workload(text)
      default: self = .pod(text)
      }
    }
  }

  private let component: String
  private let target: Target
  private let kubernetes: EnvironmentFile.Kubernetes?
  private let driver: EnvironmentFile.Driver?
  private let limit: Duration
  /// How many pods a workload had when it was stopped.
  private var scale: Int?

  package init(
    component: String, target: String?, driver: EnvironmentFile.Driver?, kubernetes: EnvironmentFile.Kubernetes?,
    limit: Duration = .seconds(90)
  ) {
    self.component = component
    self.target = Target(target ?? component)
    self.driver = driver
    self.kubernetes = kubernetes
    self.limit = limit
  }

  private static let noPause = "the first process of a container cannot be paused from inside"

  package var offer: ComponentOffer {
    do throws(DriverError) {
      guard try !pods().isEmpty || scale != nil else {
        return ComponentOffer(component, [], reason: "no pod is there")
      }
    } catch {
      return ComponentOffer(component, [], reason: error.why)
    }
    if case .workload = target { return ComponentOffer(component, [.start, .stop, .kill], reason: Self.noPause) }
    return ComponentOffer(component, [.stop, .kill], reason: Self.noPause)
  }

  package func state() throws(DriverError) -> ComponentState { try pods().isEmpty ? .stopped : .running }

  package func perform(_ verb: DriverVerb) throws(DriverError) {
    switch (verb, target) {
    case (.pause, _), (.resume, _): throw .notOffered(verb, component: component, reason: Self.noPause)
    case (.start, .workload(let name)):
      try run(["scale", name, "--replicas=\(scale ?? 1)"], .start)
      try run(["rollout", "status", name, "--timeout=\(limit.components.seconds)s"], .start)
      scale = nil
    case (.start, _):
      throw .notOffered(.start, component: component, reason: "whoever owns a deleted pod starts another")
    case (.stop, .workload(let name)):
      let text = try run(["get", name, "--output", "jsonpath={.spec.replicas}"], .stop)
      let selector = try selector(of: name)
      // Of two stops in a row the first knows how many there were.
      if let count = Int(text), count > 0 { scale = count }
      try run(["scale", name, "--replicas=0"], .stop)
      try run(
        ["wait", "pod", "--selector", selector, "--for=delete", "--timeout=\(limit.components.seconds)s"], .stop)
    case (.stop, _): try delete(["--grace-period=30"], .stop)
    case (.kill, _): try delete(["--grace-period=0", "--force"], .kill)
    }
  }

  private func delete(_ how: [String], _ verb: DriverVerb) throws(DriverError) {
    let which: [String]
    switch target {
    case .pod(let name): which = [name]
    case .selector(let selector): which = ["--selector", selector]
    case .workload(let name): which = ["--selector", try selector(of: name)]
    }
    try run(["delete", "pod"] + which + how + ["--wait=true"], verb)
  }

  /// Names of the pods that are there now.
  private func pods() throws(DriverError) -> [String] {
    let which: [String]
    switch target {
    case .pod(let name): which = ["--field-selector", "metadata.name=\(name)"]
    case .selector(let selector): which = ["--selector", selector]
    case .workload(let name): which = ["--selector", try selector(of: name)]
    }
    let text = try kubectl(["get", "pods"] + which + ["--output", "jsonpath={.items[*].metadata.name}"]) { reason in
      .gone(component: component, reason: reason)
    }
    return text.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  private func selector(of workload: String) throws(DriverError) -> String {
    // One line a label: kubectl's own form of a map is not one that it reads.
    let template = "go-template={{range $k, $v := .spec.selector.matchLabels}}{{$k}}={{$v}}\n{{end}}"
    let text = try kubectl(["get", workload, "--output", template]) { reason in
      .gone(component: component, reason: reason)
    }
    let labels = text.split(separator: "\n").map(String.init)
    guard !labels.isEmpty else { throw .gone(component: component, reason: "\(workload) has no label selector") }
    return labels.joined(separator: ",")
  }

  @discardableResult
  private func run(_ words: [String], _ verb: DriverVerb) throws(DriverError) -> String {
    try kubectl(words) { reason in .failed(verb, component: component, reason: reason) }
  }

  private func kubectl(_ words: [String], _ failure: (String) -> DriverError) throws(DriverError) -> String {
    let place = kubernetes.map { ["--context", $0.context, "--namespace", $0.namespace] } ?? []
    do throws(CommandRun.Refusal) {
      return try CommandRun.output(
        of: ["kubectl"] + place + words, variables: driver?.variables ?? [:], limit: limit + .seconds(10))
    } catch {
      throw failure(error.description)
    }
  }
}

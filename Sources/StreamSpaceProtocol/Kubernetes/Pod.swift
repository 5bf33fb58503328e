/// v1 Pod, as far as StreamSpace looks at it (spec/03 §9.1, spec/04 §4.4).
package struct Pod: Sendable, Hashable {
  package var metadata: ObjectMetadata
  package var template: PodTemplate
  /// Empty until scheduled.
  package var nodeName: String
  package var phase: Phase
  /// Whether the container runs now: `containerStatuses[0].state.running`.
  package var isContainerRunning: Bool
  /// Condition Ready.
  package var isReady: Bool
  /// Empty until the container runs.
  package var podIP: String
  /// Restarts of the container.
  package var restartCount: Int
  /// Why the container or the pod waits, for example `ImagePullBackOff` or `Unschedulable`; empty when it does not.
  package var waitingReason: String
  /// `status.reason`, for example `Evicted`; mostly empty.
  package var statusReason: String
  /// How the container's life before this one ended; nil while it is the first.
  package var lastTermination: ContainerTermination?

  package init(metadata: ObjectMetadata, template: PodTemplate) {
    self.metadata = metadata
    self.template = template
    nodeName = ""
    phase = .pending
    isContainerRunning = false
    isReady = false
    podIP = ""
    restartCount = 0
    waitingReason = ""
    statusReason = ""
  }

  /// `status.phase`.
  package enum Phase: String, Sendable, Hashable, CaseIterable {
    case pending = "Pending"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"
    case unknown = "Unknown"
  }

  /// What the agents wait for: phase Running and condition Ready. A terminating pod may still qualify (HZ-33).
  package var isUsable: Bool { phase == .running && isReady }

  /// The port of the desktop: the container port named `vnc`, else 3000 (spec/03 §7).
  package var vncPort: Int { template.ports.first { $0.name == "vnc" }?.containerPort ?? Service.sessionPort }
}

/// How a container ended: `state.terminated` (spec/04 §4.4).
package enum ContainerTermination: Sendable, Hashable {
  /// By itself, with an exit code.
  case exited(code: Int)
  /// Killed by the kernel because it used more memory than its limit.
  case outOfMemory

  /// `exitCode`: 137 is 128 + SIGKILL.
  package var exitCode: Int {
    switch self {
    case .exited(let code): code
    case .outOfMemory: 137
    }
  }

  /// `reason`
  package var reason: String {
    switch self {
    case .exited(code: 0): "Completed"
    case .exited: "Error"
    case .outOfMemory: "OOMKilled"
    }
  }

  /// As spec/05 §2 writes the fault.
  package var text: String {
    switch self {
    case .exited(let code): "exit \(code)"
    case .outOfMemory: "oom"
    }
  }
}

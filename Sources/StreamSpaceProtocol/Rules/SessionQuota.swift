/// The limits of one user (spec/02 §7.1).
package struct SessionQuota: Sendable, Hashable {
  /// Sessions that count at the same time.
  package var maxSessions: Int
  /// Most one session may ask for.
  package var perSession: SessionResources
  /// Most all sessions that count may ask for together.
  package var total: SessionResources

  package init(maxSessions: Int, perSession: SessionResources, total: SessionResources) {
    self.maxSessions = maxSessions
    self.perSession = perSession
    self.total = total
  }

  /// What holds without a row, and always in the profile `shipped`: 5 sessions, 2000m and 4096Mi each, 4000m and 8192Mi
  /// in all.
  package static let standard = SessionQuota(
    maxSessions: 5, perSession: SessionResources(cpuMilli: 2000, memoryMebibytes: 4096),
    total: SessionResources(cpuMilli: 4000, memoryMebibytes: 8192))

  /// The limits of a row an administrator set: its totals also bound a single session (C15).
  package static func row(maxSessions: Int, total: SessionResources) -> SessionQuota {
    SessionQuota(maxSessions: maxSessions, perSession: total, total: total)
  }

  /// What a user already has.
  package struct Usage: Sendable, Hashable {
    package var sessions: Int
    package var resources: SessionResources

    package init(sessions: Int, resources: SessionResources) {
      self.sessions = sessions
      self.resources = resources
    }
  }

  /// The first limit a new session would break, in the order of the checks; nil when it may start.
  package func violation(by request: SessionResources, usage: Usage) -> QuotaViolation? {
    if usage.sessions >= maxSessions { return .sessions(active: usage.sessions, limit: maxSessions) }
    if request.cpuMilli > perSession.cpuMilli {
      return .cpu(requested: request.cpuMilli, limit: perSession.cpuMilli)
    }
    if request.memoryMebibytes > perSession.memoryMebibytes {
      return .memory(requested: request.memoryMebibytes, limit: perSession.memoryMebibytes)
    }
    let sum = usage.resources + request
    if sum.cpuMilli > total.cpuMilli { return .totalCPU(wouldUse: sum.cpuMilli, limit: total.cpuMilli) }
    if sum.memoryMebibytes > total.memoryMebibytes {
      return .totalMemory(wouldUse: sum.memoryMebibytes, limit: total.memoryMebibytes)
    }
    return nil
  }
}

/// A limit that a session would break; refused with 403 `Quota exceeded`.
package enum QuotaViolation: Error, Sendable, Hashable {
  case sessions(active: Int, limit: Int)
  /// Thousandths of a core.
  case cpu(requested: Int64, limit: Int64)
  /// Mebibytes.
  case memory(requested: Int64, limit: Int64)
  case totalCPU(wouldUse: Int64, limit: Int64)
  case totalMemory(wouldUse: Int64, limit: Int64)
  /// The user has no row.
  case unknownUser

  /// The recorded text.
  package var message: String {
    switch self {
    case .sessions(let active, let limit): "session quota exceeded: \(active)/\(limit) sessions active"
    case .cpu(let requested, let limit):
      "CPU quota exceeded: requested \(requested)m, limit is \(limit)m per session"
    case .memory(let requested, let limit):
      "memory quota exceeded: requested \(requested)Mi, limit is \(limit)Mi per session"
    case .totalCPU(let wouldUse, let limit): "total CPU quota exceeded: would use \(wouldUse)m, limit is \(limit)m"
    case .totalMemory(let wouldUse, let limit):
      "total memory quota exceeded: would use \(wouldUse)Mi, limit is \(limit)Mi"
    case .unknownUser: "failed to get user limits: failed to get user: user not found"
    }
  }
}

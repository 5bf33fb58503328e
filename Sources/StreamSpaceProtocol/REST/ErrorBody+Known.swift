/// The refusals with fixed texts, by the table they come from.
extension ErrorBody {
  // MARK: Users (spec/02 §2.1 to §2.3)

  package static let invalidCredentials = ErrorBody("Invalid credentials")
  package static let invalidRequestBody = ErrorBody("Invalid request body")
  package static let authorizationRequired = ErrorBody("Authorization header required")
  package static let invalidAuthorizationFormat = ErrorBody(
    "Invalid authorization header format. Use: Bearer <token>")
  package static let sessionExpired = ErrorBody("Session expired or invalidated")
  package static let userNotFound = ErrorBody("User not found")
  package static let userDisabled = ErrorBody("User account is disabled")
  package static let insufficientPermissions = ErrorBody("Insufficient permissions")

  /// A token that does not verify; `reason` is ``TokenError/goText``.
  package static func invalidToken(_ reason: String) -> ErrorBody {
    ErrorBody("Invalid or expired token", message: "failed to parse token: \(reason)")
  }

  // MARK: Agents (spec/02 §2.7, §2.10, §5.12, §5.13)

  package static let missingAuthentication = ErrorBody(
    "Missing authentication", details: "Either client certificate (mTLS) or X-Agent-API-Key header is required")
  package static let missingAgentID = ErrorBody("Missing agent_id", details: "agent_id must be provided")
  package static let invalidAPIKey = ErrorBody("Invalid API key")
  package static let databaseError = ErrorBody("Database error")
  package static let rateLimitExceeded = ErrorBody(
    "Rate limit exceeded", details: "Too many requests. Please try again later.", retryAfter: 60)
  package static let agentNotPending = ErrorBody("Agent not found or not in pending status")

  /// A key of the wrong form; `nil` length means that only a character is wrong.
  package static func invalidKeyFormat(length: Int?) -> ErrorBody {
    ErrorBody(
      "Invalid API key format",
      details: length.map { "API key must be 64 characters (got \($0))" }
        ?? "API key must contain only hexadecimal characters")
  }

  /// An id that no row has, seen by the authentication.
  package static func agentNotRegistered(_ agentID: String) -> ErrorBody {
    ErrorBody(
      "Agent not found", details: "Agent must be pre-registered or use a valid bootstrap key", agentID: agentID)
  }

  /// An id that no row has, seen by the connect route.
  package static func agentMustRegister(_ agentID: String) -> ErrorBody {
    ErrorBody("Agent not found", details: "Agent must register before connecting via WebSocket", agentID: agentID)
  }

  /// An id that no row has, seen by the admin routes.
  package static func agentNotFound(_ agentID: String) -> ErrorBody {
    ErrorBody("Agent not found", agentID: agentID)
  }

  /// A command for an agent that is not connected.
  package static func agentNotConnected(_ agentID: String, status: String) -> ErrorBody {
    ErrorBody(
      "Agent not connected", details: "Agent must be connected via WebSocket to receive commands", agentID: agentID,
      status: status)
  }

  /// An agent that sessions still name (profile `shipped`).
  package static let deregisterRefused = ErrorBody(
    "Failed to deregister agent",
    details:
      "pq: update or delete on table \"agents\" violates foreign key constraint \"sessions_agent_id_fkey\" on table \"sessions\""
  )

  // MARK: What the contract adds (spec/00, Answers the contract adds)

  /// Connect of a pending or rejected agent, 403.
  package static func agentNotApproved(_ agentID: String) -> ErrorBody {
    ErrorBody("Agent not approved", agentID: agentID)
  }

  /// Query, path, body or key name different agents, 403.
  package static let agentIdentityMismatch = ErrorBody("Agent identity mismatch")
  /// Another platform at re-registration, 409.
  package static let agentPlatformMismatch = ErrorBody("Agent platform mismatch")
  /// Locked after takeovers (C1), 409.
  package static let agentIDInUse = ErrorBody("Agent id in use")
  /// Docker agent without protocol, 400.
  package static let unsupportedAgentProtocol = ErrorBody("Unsupported agent protocol")
  /// No database connection within 10 s (C35), 503.
  package static let serverBusy = ErrorBody("Server busy")
  /// The relay asks a replica that does not hold the agent (C22), 409.
  package static let agentNotOnThisReplica = ErrorBody("Agent not connected to this replica")

  /// A leader term older than the known one (C28), 409.
  package static func staleLeaderTerm(current: Int64) -> ErrorBody {
    ErrorBody("Stale leader term", currentTerm: current)
  }

  /// More sessions than the licence allows (C36), 403. The contract leaves the message open: it names the limit.
  package static func licenseLimitExceeded(limit: Int) -> ErrorBody {
    ErrorBody("License limit exceeded", message: "license allows at most \(limit) concurrent sessions")
  }

  // MARK: Sessions (spec/02 §5.1 to §5.7)

  package static let missingTemplate = ErrorBody(
    "Missing required field", message: "Either 'applicationId' or 'template' must be provided")
  package static let invalidState = ErrorBody("Invalid state. Must be: running, hibernated, or terminated")
  package static let userParameterRequired = ErrorBody("user parameter required")
  package static let connectionIDRequired = ErrorBody("connectionId parameter required")
  package static let accessDenied = ErrorBody("Access denied")
  package static let sessionNotReady = ErrorBody(
    "Session not ready",
    message: "Session has no agent assigned - cannot terminate. Session may still be pending or failed to start.")
  /// The 404 of stop, hibernate and wake.
  package static let sessionDoesNotExist = ErrorBody(
    "Session not found", message: "The specified session does not exist")
  /// The 404 of the VNC route.
  package static let sessionNotFound = ErrorBody("Session not found")
  package static let noAgentAssigned = ErrorBody("Session has no agent assigned")

  /// The 404 of GET, also for database errors.
  package static func noSession(_ id: String) -> ErrorBody {
    ErrorBody("Session not found", message: "No session found with ID: \(id)")
  }

  package static func templateNotFound(_ name: String) -> ErrorBody {
    ErrorBody("Template not found", message: "Template '\(name)' does not exist in the catalog")
  }

  package static func invalidResources(_ error: ResourceError) -> ErrorBody {
    ErrorBody("Invalid resource request", message: error.message)
  }

  package static func quotaExceeded(_ message: String) -> ErrorBody {
    ErrorBody("Quota exceeded", message: message)
  }

  /// Why no agent could be chosen.
  package enum NoAgentReason: Sendable, Hashable {
    case noneOnline
    case noMatch
    /// Contract (C15).
    case allFull
    case databaseFailed(String)

    /// The end of the message.
    package var text: String {
      switch self {
      case .noneOnline: "no online agents available"
      case .noMatch: "no agents match selection criteria"
      case .allFull: "all agents are at capacity"
      case .databaseFailed(let text): "failed to get online agents: \(text)"
      }
    }
  }

  package static func noAgents(_ reason: NoAgentReason) -> ErrorBody {
    ErrorBody("No agents available", message: "No online agents are currently available: \(reason.text)")
  }

  package static func alreadyTerminating(state: String) -> ErrorBody {
    ErrorBody("Session already terminating", message: "Session is already in \(state) state")
  }

  package static func cannotHibernate(state: String) -> ErrorBody {
    ErrorBody(
      "Invalid session state", message: "Session must be in 'running' state to hibernate, currently: \(state)")
  }

  package static func cannotWake(state: String) -> ErrorBody {
    ErrorBody("Invalid session state", message: "Session must be in 'hibernated' state to wake, currently: \(state)")
  }

  /// The 409 of the VNC route.
  package static func sessionNotRunning(state: String) -> ErrorBody {
    ErrorBody("Session is not running (state: \(state))")
  }

  /// The 503 of the VNC route.
  package static func vncAgentNotConnected(_ agentID: String) -> ErrorBody {
    ErrorBody("Agent \(agentID) is not connected")
  }

  /// The answers of the proxy of HTTP sessions (spec/01 §6.6).
  package static func notHTTPBased(protocolName: String) -> ErrorBody {
    ErrorBody("Session uses protocol '\(protocolName)', not HTTP-based (use /vnc endpoint instead)")
  }

  package static let sessionServiceNotReady = ErrorBody("Session service not ready")
  package static let proxyError = ErrorBody("Proxy error")

  // MARK: Binding and checks (spec/02 §1.5, §3)

  /// Step 1 of binding: the body cannot be read.
  package static func invalidRequestFormat(_ details: String) -> ErrorBody {
    ErrorBody("Invalid request format", details: details)
  }

  /// Step 2 of binding: values break rules.
  package static func validationFailed(_ fields: [Field]) -> ErrorBody {
    ErrorBody("Validation failed", fields: fields)
  }

  package static let invalidPath = ErrorBody("Invalid path", message: "path traversal attempt detected")

  package static func invalidQueryParameter(_ name: String, reason: String) -> ErrorBody {
    ErrorBody("Invalid query parameter", message: "Parameter '\(name)': \(reason)")
  }
}

/// Payload of `status`: an agent tells the state of a session's workload (spec/01 §1.4).
package struct SessionStatusReport: WireCodable, Hashable {
  package var sessionID: String
  /// Any text: the shipped control plane stores it verbatim. ``sessionState`` is what the contract accepts.
  package var state: String
  /// Absent counts as false and clears the url in the profile `shipped`.
  package var vncReady: Bool?
  package var vncPort: Int?
  package var platformMetadata: PlatformMetadata?
  /// Why a workload failed, `workload_lost` under contract (C13); an extension that a shipped control plane ignores.
  package var reason: String?

  /// Reason of a workload that is gone or not ready for 60 s (C13).
  package static let workloadLost = "workload_lost"

  package init(
    sessionID: String, state: String, vncReady: Bool? = nil, vncPort: Int? = nil,
    platformMetadata: PlatformMetadata? = nil, reason: String? = nil
  ) {
    self.sessionID = sessionID
    self.state = state
    self.vncReady = vncReady
    self.vncPort = vncPort
    self.platformMetadata = platformMetadata
    self.reason = reason
  }

  package init(
    sessionID: String, state: SessionState, vncReady: Bool? = nil, vncPort: Int? = nil,
    platformMetadata: PlatformMetadata? = nil, reason: String? = nil
  ) {
    self.init(
      sessionID: sessionID, state: state.rawValue, vncReady: vncReady, vncPort: vncPort,
      platformMetadata: platformMetadata, reason: reason)
  }

  /// The state, nil when the text names none.
  package var sessionState: SessionState? { SessionState(rawValue: state) }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.StatusMessage")
    sessionID = try reader.text("sessionId", default: "")
    state = try reader.text("state", default: "")
    vncReady = try reader.optionalFlag("vncReady")
    vncPort = try reader.optionalInteger("vncPort")
    platformMetadata = try reader.optional("platformMetadata")
    reason = try reader.optionalText("reason")
  }

  /// Keys in byte order: the shipped agent builds a map.
  package var json: JSONValue {
    var object = JSONObject(reserving: 6)
    object.addIfPresent("platformMetadata", platformMetadata)
    object.addIfPresent("reason", reason)
    object.add("sessionId", sessionID)
    object.add("state", state)
    object.addIfPresent("vncPort", vncPort)
    object.addIfPresent("vncReady", vncReady)
    return .object(object)
  }

  /// Where the workload runs.
  package struct PlatformMetadata: WireCodable, Hashable {
    package var podName: String?
    package var podIP: String?
    /// Not sent by the agents; the captures' client sent it.
    package var nodeName: String?

    package init(podName: String? = nil, podIP: String? = nil, nodeName: String? = nil) {
      self.podName = podName
      self.podIP = podIP
      self.nodeName = nodeName
    }

    package init(json: JSONValue) throws(WireError) {
      let reader = try JSONReader(json, "map[string]interface {}")
      podName = try reader.optionalText("podName")
      podIP = try reader.optionalText("podIP")
      nodeName = try reader.optionalText("nodeName")
    }

    package var json: JSONValue {
      var object = JSONObject(reserving: 3)
      object.addIfPresent("nodeName", nodeName)
      object.addIfPresent("podIP", podIP)
      object.addIfPresent("podName", podName)
      return .object(object)
    }
  }
}

import TestEnvironment

/// The messages of spec/03 §1.6: those that were recorded from real agents, and what could stand in their place.
enum WireCatalogue {
  /// A message that agents send by themselves.
  struct Own {
    let type: String
    /// Keys of the payload; with a dot: inside an object. Empty: it has none.
    let keys: [String]
    /// Keys that are there as well where the payload tells that a session runs.
    var runningKeys: [String] = []
    let meaning: String

    /// What in a message departs from the shape; nothing if it is right.
    func faults(in text: String) -> [String] {
      guard let document = JSONDocument(text) else { return ["not JSON"] }
      let isRunning = document["payload"]?["state"]?.text == "running"
      var faults = (keys + (isRunning ? runningKeys : [])).filter { key in
        var value = document["payload"]
        for part in key.split(separator: ".") { value = value?[String(part)] }
        return value == nil
      }.map { "no \($0)" }
      // Absent is fine for a reader; a number is not (C26).
      if let stamp = document["timestamp"], stamp.text.map(JSONDocument.isTime) != true {
        faults.append("the time is none")
      }
      return faults
    }
  }

  static let fromAgents = [
    Own(
      type: "heartbeat",
      keys: ["status", "activeSessions", "capacity.maxSessions", "capacity.cpu", "capacity.memory"],
      meaning: "the agent lives; its capacity"),
    Own(type: "ack", keys: ["commandId"], meaning: "the command has arrived"),
    Own(type: "complete", keys: ["commandId", "result"], meaning: "it took effect"),
    Own(type: "failed", keys: ["commandId", "error"], meaning: "it did not, and why"),
    Own(
      type: "status", keys: ["sessionId", "state"], runningKeys: ["vncReady", "vncPort", "platformMetadata.podName"],
      meaning: "the session has a new state"),
    Own(type: "pong", keys: [], meaning: "I am there"),
  ]

  /// A message to an agent.
  struct Inbound {
    let name: String
    let text: String
    /// Type and command of each message that must come back.
    var answers: [(type: String, command: String?)] = []
    var meaning = "ignored"
  }

  /// As the control plane of recording 12 writes a command.
  static func command(_ id: String, _ action: String, _ payload: String, time: String = "2026-11-23T00:00:43.965Z")
    -> String
  {
    "{\"type\": \"command\", \"timestamp\": \"\(time)\", \"payload\": {\"commandId\": \"\(id)\", "
      + "\"action\": \"\(action)\", \"payload\": \(payload)}}"
  }

  private static func failed(_ id: String) -> [(type: String, command: String?)] { [("ack", id), ("failed", id)] }

  /// Golden messages of recordings 11 and 12 first, then what neither side ever wrote.
  static let toAgents: [Inbound] = [
    Inbound(
      name: "ping", text: "{\"type\": \"ping\", \"timestamp\": \"2026-11-23T00:00:52.675Z\", \"payload\": {}}",
      answers: [("pong", nil)], meaning: "are you there"),
    Inbound(
      name: "stop of an unknown session", text: command("cmd-stop_", "stop_session", "{\"sessionId\": \"nope\"}"),
      answers: [("ack", "cmd-stop_"), ("complete", "cmd-stop_")], meaning: "nothing is left to stop"),
    Inbound(
      name: "unknown action", text: command("cmd-snaps", "snapshot", "{\"sessionId\": \"nope\"}"),
      answers: failed("cmd-snaps"), meaning: "failed with a reason"),
    Inbound(
      name: "start without manifest",
      text: command(
        "cmd-start", "start_session", "{\"sessionId\": \"t2\", \"user\": \"u\", \"template\": \"unknown-template\"}"),
      answers: failed("cmd-start"), meaning: "failed with a reason"),
    Inbound(
      name: "two documents in one message",
      text: command("cmd-hiber", "hibernate_session", "{\"sessionId\": \"n1\"}") + "\n"
        + command("cmd-wake_", "wake_session", "{\"sessionId\": \"n2\"}"),
      answers: failed("cmd-hiber") + failed("cmd-wake_"), meaning: "each is read (C5)"),
    Inbound(
      name: "vnc_data",
      text: "{\"type\": \"vnc_data\", \"timestamp\": \"2026-11-23T00:00:42.564Z\", \"payload\": "
        + "{\"sessionId\": \"admin-xterm-vnc-00000001\", \"data\": \"QUJD\"}}",
      meaning: "of no tunnel: ignored"),
    Inbound(
      name: "vnc_close",
      text: "{\"type\": \"vnc_close\", \"timestamp\": \"2026-11-23T00:00:43.265Z\", \"payload\": "
        + "{\"sessionId\": \"admin-xterm-vnc-00000001\", \"reason\": \"client_disconnect\"}}",
      meaning: "of no tunnel: ignored"),
    Inbound(
      name: "shutdown",
      text: "{\"type\": \"shutdown\", \"timestamp\": \"2026-11-23T00:01:15.696Z\", \"payload\": "
        + "{\"reason\": \"test\"}}",
      meaning: "the replica goes; stay and reconnect"),
    Inbound(
      name: "time with offset",
      text: command(
        "cmd-offset", "stop_session", "{\"sessionId\": \"nope\"}", time: "2026-11-23T09:00:43.965+09:00"),
      answers: [("ack", "cmd-offset"), ("complete", "cmd-offset")], meaning: "read like any time"),
    Inbound(
      name: "unknown keys", text: "{\"type\":\"ping\",\"colour\":1,\"payload\":{\"colour\":{\"deep\":[null]}}}",
      answers: [("pong", nil)], meaning: "read without them"),
    Inbound(
      name: "start without session", text: command("cmd-strange", "start_session", "{}"),
      answers: failed("cmd-strange"), meaning: "failed with a reason"),
    Inbound(name: "command without payload", text: "{\"type\":\"command\"}"),
    Inbound(name: "unknown type", text: "{\"type\":\"bananas\",\"payload\":{}}"),
    Inbound(name: "no type", text: "{\"payload\":{}}"), Inbound(name: "empty object", text: "{}"),
    Inbound(name: "no JSON", text: "hello"), Inbound(name: "empty text", text: ""),
    Inbound(name: "array", text: "[1,2,3]"),
    Inbound(name: "deeply nested", text: String(repeating: "[", count: 5_000)),
  ]

  /// A message to the control plane.
  struct Outbound {
    let name: String
    let frame: AgentFrame
    var isHeartbeat = false
    var meaning = "ignored"

    init(
      _ name: String, _ text: String, isHeartbeat: Bool = false, meaning: String = "ignored"
    ) {
      self.name = name
      frame = .text(Array(text.utf8))
      self.isHeartbeat = isHeartbeat
      self.meaning = meaning
    }

    init(_ name: String, _ frame: AgentFrame, meaning: String = "ignored") {
      self.name = name
      self.frame = frame
      self.meaning = meaning
    }
  }

  private static func heartbeat(capacity: String, more: String = "", time: String?) -> String {
    "{\"payload\": {\"activeSessions\": 0, \"capacity\": {\(capacity)}, \"status\": \"online\"\(more)}, "
      + (time.map { "\"timestamp\": \"\($0)\", " } ?? "") + "\"type\": \"heartbeat\"}"
  }

  private static let capacity = "\"cpu\": \"64 cores\", \"maxSessions\": 100, \"memory\": \"256Gi\""

  /// Golden messages of recordings 11 and 12 first. `command`, `session`: a final command, and its session that runs.
  static func fromStrangers(command: String, session: String) -> [Outbound] {
    [
      Outbound(
        "heartbeat as recorded (Kubernetes)", heartbeat(capacity: capacity, time: "2026-11-23T00:00:34.629680793Z"),
        isHeartbeat: true, meaning: "the agent lives"),
      Outbound(
        "heartbeat as recorded (Docker)",
        heartbeat(
          capacity: "\"maxCpu\": 100, \"maxMemory\": 128, \"maxSessions\": 100",
          time: "2026-11-22T23:56:11.738258678Z"), isHeartbeat: true, meaning: "the agent lives; numbers are not read"),
      Outbound(
        "heartbeat with unknown keys",
        heartbeat(capacity: capacity, more: ", \"mood\": {\"deep\": []}", time: "2026-11-23T00:00:34Z"),
        isHeartbeat: true, meaning: "read without them"),
      Outbound(
        "heartbeat with an offset", heartbeat(capacity: capacity, time: "2026-11-22T17:00:34.5-07:00"),
        isHeartbeat: true, meaning: "read like any time"),
      Outbound(
        "heartbeat without time", heartbeat(capacity: capacity, time: nil), isHeartbeat: true,
        meaning: "read without it"),
      Outbound(
        "status without time",
        "{\"payload\": {\"platformMetadata\": {\"podIP\": \"10.1.2.3\"}, \"sessionId\": \"\(session)\", "
          + "\"state\": \"running\", \"vncPort\": 3000, \"vncReady\": true}, \"type\": \"status\"}",
        meaning: "nothing new"),
      Outbound("late failed", .failed(command: command, error: "late"), meaning: "final is final (C11)"),
      Outbound("late ack", .acknowledge(command: command), meaning: "final is final (C11)"),
      Outbound(
        "command_response",
        "{\"container\": {\"ip\": \"172.18.0.5\"}, \"sessionId\": \"\(session)\", \"status\": \"terminated\", "
          + "\"success\": true, \"timestamp\": 1795391772, \"type\": \"command_response\"}",
        meaning: "a number is no time: ignored"),
      Outbound(
        "command_error",
        "{\"commandId\": \"\(command)\", \"error\": \"command failed\", \"type\": \"command_error\"}"),
      Outbound("shutdown_ack", "{\"agentId\": \"docker-real-1\", \"type\": \"shutdown_ack\"}"),
      Outbound(
        "vnc_error",
        "{\"payload\": {\"sessionId\": \"\(session)\", \"error\": \"timeout waiting for port-forward\"}, "
          + "\"timestamp\": \"2026-11-23T00:01:07.276869328Z\", \"type\": \"vnc_error\"}",
        meaning: "of no tunnel: ignored"),
      Outbound("ack of an unknown command", .acknowledge(command: "cmd-unknown")),
      Outbound("complete of an unknown command", .complete(command: "cmd-unknown")),
      Outbound("status of an unknown session", .status(session: "u99-nothing-00000000", state: "running", pod: nil)),
      Outbound("status without session", "{\"type\":\"status\",\"payload\":{\"state\":\"terminated\"}}"),
      Outbound("unknown type", "{\"type\":\"bananas\",\"payload\":{}}"), Outbound("no JSON", "not JSON"),
      Outbound("empty text", ""), Outbound("binary", .binary([0, 255, 0, 255])),
      Outbound("deeply nested", String(repeating: "{\"payload\":", count: 2_000)),
    ]
  }
}

import ControlPlane
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("The verbs of sessions") struct RESTSessionVerbTests {
  typealias Options = SessionCluster.Options

  @Test("a session lives through its states, each by the result of its command")
  func lifeCycle() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    let path = "/api/v1/sessions/\(name)"
    #expect(try cluster.ask(.get, path)["status"]?["url"]?.text == "/api/v1/sessions/\(name)/vnc")
    let hibernate = try cluster.ask(.put, "\(path)/hibernate")
    #expect(hibernate.status == 202)
    let first = try cluster.openCommand(of: name)
    #expect(
      hibernate.text
        == """
        {"commandId":"\(first)","message":"Session hibernation requested, agent will scale down resources",\
        "name":"\(name)"}
        """)
    #expect(first.count == 12)
    #expect(try cluster.state(of: name) == "hibernating")
    let early = try cluster.ask(.put, "\(path)/wake")
    #expect(early.status == 409)
    #expect(
      early["message"]?.text == "Session must be in 'hibernated' state to wake, currently: hibernating")
    try cluster.complete(first)
    #expect(try cluster.state(of: name) == "hibernated")
    #expect(try cluster.ask(.get, path)["status"]?["url"]?.text == "")
    let wake = try cluster.ask(.put, "\(path)/wake")
    #expect(wake["message"]?.text == "Session wake requested, agent will scale up resources")
    try cluster.complete(try cluster.openCommand(of: name), pod: "pod-2")
    #expect(try cluster.state(of: name) == "running")
    #expect(try cluster.ask(.get, path)["status"]?["podName"]?.text == "pod-2")
    let stop = try cluster.ask(.delete, path)
    #expect(stop["message"]?.text == "Session termination requested, agent will delete resources")
    let again = try cluster.ask(.delete, path)
    #expect(again.status == 409)
    #expect(
      again.text
        == "{\"error\":\"Session already terminating\",\"message\":\"Session is already in terminating state\"}")
    try cluster.complete(try cluster.openCommand(of: name))
    #expect(try cluster.state(of: name) == "terminated")
    #expect(try cluster.ask(.get, path)["status"]?["phase"]?.text == "Terminated")
    #expect(try cluster.ask(.delete, path).status == 409)
  }

  @Test("a verb in the wrong state is refused with that state")
  func wrongState() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    let hibernate = try cluster.ask(.put, "/api/v1/sessions/\(name)/hibernate")
    #expect(hibernate.status == 409)
    #expect(
      hibernate.text
        == """
        {"error":"Invalid session state","message":"Session must be in 'running' state to hibernate, currently: \
        pending"}
        """)
    #expect(try cluster.commands(of: name) == ["start_session:pending"])
  }

  @Test(
    "DELETE is legal from every state that is not final", arguments: ["pending", "running", "hibernated", "waking"])
  func deleteFrom(_ state: String) throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    _ = try cluster.query("UPDATE sessions SET state = $2 WHERE id = $1", [.text(name), .text(state)])
    #expect(try cluster.ask(.delete, "/api/v1/sessions/\(name)").status == 202)
    #expect(try cluster.state(of: name) == "terminating")
    #expect(try cluster.commands(of: name) == ["start_session:pending", "stop_session:pending"])
  }

  @Test("a session whose agent was removed ends at once")
  func withoutAgent() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    _ = try cluster.query("UPDATE sessions SET agent_id = NULL WHERE id = $1", [.text(name)])
    let hibernate = try cluster.ask(.put, "/api/v1/sessions/\(name)/hibernate")
    #expect(hibernate.status == 409)
    #expect(hibernate["error"]?.text == "Session not ready")
    #expect(try cluster.ask(.delete, "/api/v1/sessions/\(name)").status == 202)
    #expect(try cluster.state(of: name) == "terminated")
    #expect(try cluster.reason(of: name) == "agent_removed")
  }

  @Test("a failed command leaves the session where the contract says")
  func failures() throws {
    let cluster = try SessionCluster()
    let failing = try cluster.create()
    try cluster.fail(try cluster.openCommand(of: failing), "image not found")
    #expect(try cluster.state(of: failing) == "failed")
    #expect(try cluster.reason(of: failing) == "image not found")
    let name = try cluster.running()
    try cluster.ask(.put, "/api/v1/sessions/\(name)/hibernate")
    try cluster.fail(try cluster.openCommand(of: name), "no")
    #expect(try cluster.state(of: name) == "running")
    try cluster.ask(.put, "/api/v1/sessions/\(name)/hibernate")
    try cluster.complete(try cluster.openCommand(of: name))
    try cluster.ask(.put, "/api/v1/sessions/\(name)/wake")
    try cluster.fail(try cluster.openCommand(of: name), "no capacity")
    #expect(try cluster.state(of: name) == "hibernated")
    try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    try cluster.fail(try cluster.openCommand(of: name), "stuck")
    #expect(try cluster.state(of: name) == "terminating")
  }

  @Test("of racing verbs exactly one is accepted", arguments: 1...6 as ClosedRange<UInt64>)
  func races(_ seed: UInt64) throws {
    var options = Options()
    options.seed = seed
    options.replicas = 2
    let cluster = try SessionCluster(options)
    let name = try cluster.running()
    let answers = (0..<4).map { cluster.send(.put, "/api/v1/sessions/\(name)/hibernate", at: $0 % 2) }
    try cluster.run(.seconds(3))
    #expect(answers.filter { $0.status == 202 }.count == 1)
    #expect(answers.filter { $0.status == 409 }.count == 3)
    #expect(try cluster.commands(of: name).count == 2)
  }

  @Test(
    "PATCH state acts like the verb",
    arguments: [("hibernated", "hibernating"), ("terminated", "terminating")])
  func patch(_ wanted: String, _ state: String) throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    let answer = try cluster.ask(.patch, "/api/v1/sessions/\(name)", ["state": .string(wanted)])
    #expect(answer.status == 202)
    #expect(
      answer.text
        == """
        {"message":"State change requested, waiting for controller","name":"\(name)","state":"\(wanted)"}
        """)
    #expect(try cluster.state(of: name) == state)
    let bogus = try cluster.ask(.patch, "/api/v1/sessions/\(name)", ["state": "bogus"])
    #expect(bogus.status == 400)
    #expect(bogus.text == "{\"error\":\"Invalid state. Must be: running, hibernated, or terminated\"}")
  }

  @Test("a PATCH that does nothing answers 202 all the same (B-29)")
  func shippedPatch() throws {
    var options = Options()
    options.policies.patchState = .nothing
    let cluster = try SessionCluster(options)
    let name = try cluster.running()
    #expect(try cluster.ask(.patch, "/api/v1/sessions/\(name)", ["state": "hibernated"]).status == 202)
    #expect(try cluster.state(of: name) == "running")
  }

  @Test("an absent session is not found, in the words of each route")
  func absent() throws {
    let cluster = try SessionCluster()
    let missing = "{\"error\":\"Session not found\",\"message\":\"The specified session does not exist\"}"
    for (method, path) in [
      (HTTPMethod.delete, "none"), (.put, "none/hibernate"), (.put, "none/wake"),
    ] {
      let answer = try cluster.ask(method, "/api/v1/sessions/\(path)")
      #expect(answer.status == 404)
      #expect(answer.text == missing)
    }
    let get = try cluster.ask(.get, "/api/v1/sessions/none")
    #expect(get.text == "{\"error\":\"Session not found\",\"message\":\"No session found with ID: none\"}")
  }

  @Test("tags are replaced, shown as the raw row, and found")
  func tags() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    let answer = try cluster.ask(.patch, "/api/v1/sessions/\(name)/tags", ["tags": ["blue", "q3"]])
    #expect(answer.status == 200)
    #expect(answer["user_id"]?.text == "u01")
    #expect(answer["tags"] == ["blue", "q3"])
    let found = try cluster.ask(.get, "/api/v1/sessions/by-tags?tags=q3&tags=other")
    #expect(found["total"] == 1)
    #expect(try cluster.ask(.get, "/api/v1/sessions/by-tags?tags=red")["sessions"] == .null)
    #expect(try cluster.ask(.get, "/api/v1/sessions/by-tags?tags=q3", as: "u02")["total"] == 0)
    #expect(try cluster.ask(.get, "/api/v1/sessions/by-tags").status == 400)
  }

  @Test("a batch answers for each item")
  func batch() throws {
    let cluster = try SessionCluster()
    let one = try cluster.running()
    let two = try cluster.create()
    let foreign = try cluster.create(as: "u02")
    let ids: JSONValue = .array([.string(one), .string(two), .string(foreign), "none"])
    let answer = try cluster.ask(.post, "/api/v1/batch/sessions/hibernate", ["sessionIds": ids])
    #expect(answer.status == 200)
    #expect(answer["total"] == 4)
    #expect(answer["succeeded"] == 1)
    #expect(answer["failed"] == 3)
    #expect(
      answer["errors"]
        == [
          [
            "id": .string(two),
            "error": "Session must be in 'running' state to hibernate, currently: pending",
          ],
          ["id": .string(foreign), "error": .string("session \(foreign): not found or not owned by user")],
          ["id": "none", "error": "session none: not found or not owned by user"],
        ])
    #expect(try cluster.state(of: one) == "hibernating")
    #expect(try cluster.commands(of: one).last == "hibernate_session:pending")
    let empty = try cluster.ask(.post, "/api/v1/batch/sessions/wake", ["sessionIds": []])
    #expect(empty.status == 400)
    #expect(empty["error"]?.text == "sessionIds cannot be empty")
    let deleted = try cluster.ask(.post, "/api/v1/batch/sessions/delete", ["sessionIds": .array([.string(one)])])
    #expect(deleted["succeeded"] == 1)
    #expect(try cluster.state(of: one) == "terminating")
    let tagged = try cluster.ask(
      .post, "/api/v1/batch/sessions/update-tags",
      ["sessionIds": .array([.string(two)]), "tags": ["a"], "operation": "add"])
    #expect(tagged["succeeded"] == 1)
    #expect(try cluster.query("SELECT tags FROM sessions WHERE id = $1", [.text(two)])[0].textArray("tags") == ["a"])
  }
}

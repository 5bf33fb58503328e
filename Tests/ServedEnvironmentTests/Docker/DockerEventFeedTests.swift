import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ServedEnvironment

@Suite("The event stream of the Docker Engine API")
struct DockerEventFeedTests {
  private func actions(_ exchange: MemoryExchange) -> [String] {
    exchange.lines.map { "\($0["Type"]?.text ?? "") \($0["Action"]?.text ?? "")" }
  }

  @Test("events come as lines while they happen, with the members of old and new clients")
  func live() throws {
    let rig = try ServiceRig()
    let events = try rig.ask("GET", "/v1.41/events?filters={\"type\":{\"container\":true}}")
    #expect(events.status == 200)
    let id = try rig.running("web", ["Image": "web:1"].object)
    #expect(actions(events) == ["container create", "container start"])
    let first = try #require(events.lines.first)
    #expect(first["status"]?.text == "create")
    #expect(first["id"]?.text == id)
    #expect(first["from"]?.text == "web:1")
    #expect(first["Actor"]?["Attributes"]?["name"]?.text == "web")
    #expect((first["time"]?.integer ?? 0) - 1_800_000_000 < 10)
  }

  @Test("since brings back what is over, until ends the stream, each event once")
  func spans() throws {
    let rig = try ServiceRig()
    try rig.running("web")
    let over = try rig.ask("GET", "/events?since=0&until=\(rig.service.now / 1_000_000_000 + 1)")
    #expect(over.sink?.isOver == false)
    try rig.ask("POST", "/containers/web/kill")
    try rig.run(.seconds(2))
    #expect(over.sink?.isFinished == true)
    #expect(
      actions(over) == [
        "container create", "network connect", "container start", "container kill", "container die",
        "network disconnect",
      ])
    let past = try rig.ask("GET", "/events?until=\(rig.service.now / 1_000_000_000 - 1)")
    #expect(past.sink?.isFinished == true)
    let late = try rig.ask("GET", "/events?since=1800000000.5&until=1800000000.6")
    #expect(late.sink?.isFinished == true)
    #expect(late.lines.count < past.lines.count)
    let live = try rig.ask("GET", "/events")
    #expect(live.sink?.sent == [])
  }

  @Test("spans that cannot be read are refused as the daemon refuses them")
  func unreadable() throws {
    let rig = try ServiceRig()
    #expect(
      try rig.ask("GET", "/events?since=abc").message == "strconv.ParseInt: parsing \"abc\": invalid syntax")
    #expect(
      try rig.ask("GET", "/events?since=5&until=3").message
        == "`since` time (5) cannot be after `until` time (3)")
    for hostile in ["9223372036854775807", "-9223372036854775808", "1.99999999999999999999", "1.-5", ".", "1e3"] {
      let answer = try rig.ask("GET", "/events?since=\(hostile)")
      #expect([200, 500].contains(answer.status ?? 0), "\(hostile)")
    }
    #expect(try rig.ask("GET", "/events?filters=[").status == 500)
  }

  @Test("a client that does not read keeps no more than a queue of events and gets them when it reads")
  func unread() throws {
    let rig = try ServiceRig()
    let events = try rig.ask("GET", "/events?filters={\"type\":[\"volume\"]}")
    events.sink?.isWritable = false
    for _ in 0..<(DockerEventFeed.longestQueue + 50) {
      rig.send("POST", "/volumes/create", ["Name": "v"])
    }
    try rig.run(.seconds(5))
    #expect(events.sink?.sent == [])
    events.sink?.isWritable = true
    #expect(events.lines.count == DockerEventFeed.longestQueue)
    try rig.ask("POST", "/volumes/create", ["Name": "v"])
    #expect(events.lines.count == DockerEventFeed.longestQueue + 1)
  }

  @Test("when the daemon goes streams break, and new ones work when it is back")
  func outage() throws {
    let rig = try ServiceRig()
    try rig.running("web")
    let events = try rig.ask("GET", "/events")
    let wait = try rig.ask("POST", "/containers/web/wait?condition=removed")
    rig.engine.begin(.daemonRestart, lasting: .seconds(1))
    try rig.run(.milliseconds(10))
    #expect(events.sink?.isAborted == true)
    #expect(wait.sink?.isAborted == true)
    #expect(try rig.ask("GET", "/info").isDropped)
    #expect(try rig.ask("GET", "/events").isDropped)
    try rig.run(.seconds(2))
    let again = try rig.ask("GET", "/events")
    try rig.ask("POST", "/volumes/create", ["Name": "v"])
    #expect(actions(again) == ["volume create"])
  }
}

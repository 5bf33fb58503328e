import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Where a container's process runs")
struct ProcessEventTests {
  private static func processes(_ rig: EngineRig) -> (started: [EngineEvent.Process], ended: [EngineEvent.Process]) {
    var started: [EngineEvent.Process] = []
    var ended: [EngineEvent.Process] = []
    for (event, _) in rig.events {
      if case .processStarted(_, let process) = event { started.append(process) }
      if case .processEnded(_, let process) = event { ended.append(process) }
    }
    return (started, ended)
  }

  @Test("each run is told with its address, image and port, and its end with the same")
  func runs() throws {
    let rig = try EngineRig()
    let placed = try rig.engine.place(
      PlacedContainer(session: "s1", agent: "a", command: "c", image: Fixture.image))
    let first = EngineEvent.Process(address: placed.address, image: Fixture.image, vncPort: 5900)
    #expect(Self.processes(rig).started == [first] && Self.processes(rig).ended.isEmpty)
    _ = try rig.ask(.stopContainer(placed.name, timeoutSeconds: 1))
    #expect(Self.processes(rig).ended == [first])
    // Docker gives the lowest free address at each start: another container may have taken it.
    let other = try rig.engine.place(
      PlacedContainer(session: "s2", agent: "a", command: "c", image: Fixture.image))
    #expect(other.address == placed.address)
    _ = try rig.ask(.startContainer(placed.name))
    let again = try #require(Self.processes(rig).started.last)
    #expect(again.address != placed.address && again.vncPort == 5900)
    #expect(try rig.inspect(placed.name)?.address(in: DockerName.defaultNetwork) == again.address)
  }
}

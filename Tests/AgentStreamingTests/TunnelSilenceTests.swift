import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import AgentStreaming

@Suite("Silence of the control plane while it has tunnels")
struct TunnelSilenceTests {
  /// A rig whose control plane was heard of last at `heard`.
  private final class Silence {
    let rig: TunnelRig
    var heard: Instant?

    init(_ behaviour: TunnelBehaviour = TunnelBehaviour()) throws {
      rig = try TunnelRig(behaviour)
      heard = rig.now
      rig.tunnels?.lastHeard = { [unowned self] in heard }
    }

    /// Lives for so many seconds with a frame in each.
    func live(_ seconds: Int) throws {
      for _ in 0..<seconds {
        heard = rig.now
        try rig.run(.seconds(1))
      }
    }
  }

  @Test("10 s without a frame end every tunnel, one that is being opened too, and each is told")
  func silence() throws {
    let silence = try Silence()
    let rig = silence.rig
    rig.open(1)
    rig.open(2)
    try silence.live(30)
    #expect(rig.openStreams == 2 && rig.closes.isEmpty)
    rig.dialDelay = .seconds(25)
    rig.open(3)
    try rig.run(.milliseconds(8_990))
    #expect(rig.closes.isEmpty)
    try rig.run(.milliseconds(20))
    #expect(rig.openStreams == 0 && rig.tunnels?.count == 0)
    #expect(rig.closes == ["agent_lost", "agent_lost", "agent_lost"])
    #expect(rig.closed == ["agent_lost", "agent_lost"])
    try rig.run(.seconds(40))
    #expect(rig.openStreams == 0 && rig.errors.isEmpty && rig.closes.count == 3)
  }

  @Test("a control plane that is heard again is served again, and watched again")
  func again() throws {
    let silence = try Silence()
    let rig = silence.rig
    rig.open(1)
    try rig.run(.seconds(11))
    #expect(rig.closes.count == 1)
    silence.heard = rig.now
    rig.open(2)
    try silence.live(12)
    #expect(rig.openStreams == 1)
    try rig.run(.seconds(11))
    #expect(rig.openStreams == 0 && rig.closes.count == 2)
  }

  @Test("without tunnels nothing is watched, nor where none pings, nor under B-64")
  func unwatched() throws {
    let idle = try Silence()
    idle.rig.open()
    try idle.live(2)
    idle.rig.close()
    try idle.rig.run(.seconds(1))
    #expect(idle.rig.simulation.nextEvent == nil)
    var behaviour = TunnelBehaviour()
    behaviour.silence = .unnoticed
    let deaf = try Silence(behaviour)
    deaf.rig.open()
    try deaf.rig.run(.seconds(60))
    #expect(deaf.rig.openStreams == 1)
    let shipped = try Silence()
    shipped.rig.tunnels?.connected(speaksContract: false)
    shipped.rig.tunnels?.sessionStarted(TunnelRig.session)
    try shipped.rig.run(.seconds(60))
    #expect(shipped.rig.openStreams == 1)
  }
}

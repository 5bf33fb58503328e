import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import AgentStreaming

@Suite("Bytes and credit of tunnels")
struct TunnelFlowTests {
  private static let window = 65_536

  /// Bytes that tell their place.
  private static func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  }

  /// How a stream is cut.
  enum Split: CaseIterable {
    case oneByte, mixed, whole, twoModThree
  }

  private static func pieces(_ bytes: [UInt8], _ split: Split, _ simulation: Simulation) -> [[UInt8]] {
    let stream = simulation.decisions.stream("test.split")
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let size: Int
      switch split {
      case .oneByte: size = 1
      case .mixed: size = 1 + simulation.decisions.choose(stream, 32_768)
      case .whole: size = 32_768
      case .twoModThree: size = 3 * (1 + simulation.decisions.choose(stream, 3_000)) + 2
      }
      pieces.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return pieces
  }

  @Test(
    "both directions arrive whole and in order through an echoing desktop, and no more than the window is ever out",
    arguments: 1...4, Split.allCases)
  func echo(seed: UInt64, split: Split) throws {
    let rig = try TunnelRig(seed: seed)
    let simulation = rig.simulation
    let total = split == .oneByte ? 3_000 : 200_000
    let payload = Self.pattern(total)
    // An echo that sends when it may.
    var echo: [Int: [[UInt8]]] = [:]
    func push(_ socket: Socket) {
      while socket.isWritable, let next = echo[socket.connection]?.first {
        echo[socket.connection]?.removeFirst()
        socket.send(Bytes(next))
      }
    }
    rig.onDesktopRead = { socket, bytes in
      echo[socket.connection, default: []].append(bytes)
      socket.onWritable = { push(socket) }
      push(socket)
    }
    // A viewer that passes on after a while, and a socket that blocks now and then.
    let random = simulation.decisions.stream("test.viewer")
    let tick = EventLabel("test.tick")
    var outstanding = 0
    var worst = 0
    var arrived = 0
    var returned = 0
    rig.onSent = { message in
      if case .vncCredit(let credit) = message { returned += credit.bytes }
      guard case .vncData(let data) = message, let bytes = data.data.bytes else { return }
      #expect(bytes.count <= 32_768 && !bytes.isEmpty)
      outstanding += bytes.count
      arrived += bytes.count
      worst = max(worst, outstanding)
      let wait = TimeSpan.milliseconds(Int64(simulation.decisions.choose(random, 20)))
      simulation.schedule(after: wait, tick) {
        outstanding -= bytes.count
        rig.credit(bytes.count)
      }
    }
    rig.open(window: Self.window)
    try rig.run(.seconds(1))
    var unsent = Self.pieces(payload, split, simulation)[...]
    var unsentCredit = Self.window
    var told = 0
    while arrived < total {
      unsentCredit += returned - told
      told = returned
      while let next = unsent.first, next.count <= unsentCredit {
        unsent.removeFirst()
        unsentCredit -= next.count
        rig.write(next)
      }
      rig.isWritable = simulation.decisions.choose(random, 3) > 0
      try rig.run(.milliseconds(5))
      guard rig.now < .start + .seconds(60) else { break }
    }
    rig.isWritable = true
    try rig.run(.seconds(1))
    #expect(rig.received[rig.streams[0].connection] == payload)
    #expect(rig.bytes() == payload)
    #expect(worst <= Self.window)
    #expect(rig.credits().reduce(0, +) == total)
    rig.close()
    try rig.run(.seconds(1))
    #expect(rig.openStreams == 0 && rig.tunnels?.count == 0)
  }

  @Test("without credit the agent does not read the desktop: no more than the window and one piece is taken")
  func stalled() throws {
    let rig = try TunnelRig()
    rig.open(window: Self.window)
    try rig.run(.seconds(1))
    let stream = try #require(rig.streams.first)
    for _ in 0..<40 { stream.send(Bytes(Array(repeating: 5, count: 10_000))) }
    try rig.run(.seconds(5))
    #expect(rig.bytes().count == Self.window)
    #expect(400_000 - stream.unreadByPeer <= Self.window + 10_000)
    #expect(!stream.isWritable)
    rig.credit(Self.window)
    try rig.run(.seconds(1))
    #expect(rig.bytes().count == 2 * Self.window)
  }

  @Test("credit is returned every 64 KiB, or after 100 ms, and only for what the desktop's socket took")
  func credit() throws {
    let rig = try TunnelRig()
    rig.open()
    try rig.run(.seconds(1))
    rig.write(Self.pattern(1_000))
    #expect(rig.credits().isEmpty)
    try rig.run(.milliseconds(99))
    #expect(rig.credits().isEmpty)
    try rig.run(.milliseconds(2))
    #expect(rig.credits() == [1_000])
    rig.streams[0].pauseReading()
    for _ in 0..<8 { rig.write(Self.pattern(32_768)) }
    try rig.run(.seconds(1))
    // The socket holds 64 KiB; the rest waits, and is not credited.
    #expect(rig.credits() == [1_000, 65_536])
    rig.streams[0].resumeReading()
    try rig.run(.seconds(2))
    #expect(rig.credits().reduce(0, +) == 1_000 + 8 * 32_768)
    try rig.run(.seconds(5))
    #expect(rig.credits().reduce(0, +) == 1_000 + 8 * 32_768)
  }

  @Test("more than the window allows ends the attachment")
  func exceeded() throws {
    let rig = try TunnelRig()
    rig.open(window: 10_000)
    try rig.run(.seconds(1))
    rig.write(Self.pattern(10_000))
    #expect(rig.errors.isEmpty)
    rig.write([1])
    #expect(rig.errors.count == 1 && rig.openStreams == 0)
  }

  @Test("control overtakes data, and the data of attachments goes in turn, one frame each", arguments: 1...3)
  func fairness(seed: UInt64) throws {
    let rig = try TunnelRig(seed: seed)
    for number in 1...3 { rig.open(number) }
    try rig.run(.seconds(1))
    rig.isWritable = false
    for (index, stream) in rig.streams.enumerated() {
      for _ in 0..<4 { stream.send(Bytes(Array(repeating: UInt8(index), count: 32_768))) }
    }
    try rig.run(.seconds(1))
    let before = rig.sent.count
    rig.writeOne()
    rig.open(1)
    for _ in 0..<9 { rig.writeOne() }
    let sent = rig.sent.dropFirst(before)
    guard case .vncReady? = sent.dropFirst().first else { return #expect(Bool(false), "control goes next") }
    let order = sent.compactMap { message -> String? in
      if case .vncData(let data) = message { data.attachmentID } else { nil }
    }
    #expect(order.count == 9)
    for start in stride(from: 0, to: 9, by: 3) { #expect(Set(order[start..<start + 3]).count == 3) }
  }

  @Test("a chunk passes as it came: no bytes are copied into other sizes unless several wait")
  func pieces() throws {
    let rig = try TunnelRig()
    rig.open()
    try rig.run(.seconds(1))
    rig.streams[0].send(Bytes(Self.pattern(32_768)))
    rig.streams[0].send(Bytes(Self.pattern(100_000)))
    try rig.run(.seconds(1))
    #expect(rig.chunks().map(\.count) == [32_768, 32_768, 32_768, 32_768, 1_696])
    let isWhole = rig.bytes() == Self.pattern(32_768) + Self.pattern(100_000)
    #expect(isWhole)
    rig.isWritable = false
    for _ in 0..<10 { rig.streams[0].send(Bytes([1, 2, 3])) }
    try rig.run(.seconds(1))
    rig.isWritable = true
    #expect(rig.chunks().last == Array(repeating: [1, 2, 3], count: 10).flatMap { $0 })
  }
}

import StreamSpaceProtocol
import Testing

@testable import Redis

/// Both servers get the same drawn commands and must answer the same.
@Suite(
  "Lockstep with a real server", .serialized,
  .enabled(if: RealRedis.isUsable, "needs redis-server 7.0 (Debian package redis-server)"))
struct LockstepTests {
  /// Remaining lives may differ by what the real server needs for a run.
  static let tolerance: Int64 = 2_000

  @Test("drawn commands get the same answers, in both protocol versions", arguments: [1, 2, 3, 4] as [UInt64])
  func commands(seed: UInt64) throws {
    let real = try RealRedis()
    let ours = OurArm()
    for arm in [ours, real] as [any RedisArm] {
      #expect(try arm.open() == 0)
      #expect(try arm.open() == 1)
      if seed.isMultiple(of: 2) { _ = try arm.ask("hello 3") }
    }
    ours.advance(milliseconds: try real.serverTime() - ours.now)
    var random = RandomCommands(seed: seed, time: ours.now)
    var history: [String] = []
    for step in 0..<2_500 {
      // A second client interferes now and then, so that watches have something to see.
      let client = random.draw(10) == 0 ? 1 : 0
      let command = random.next()
      history.append("\(client): \(command)")
      let replies = try [ours, real].map { (arm: any RedisArm) in
        try arm.send(command, on: client)
        return try arm.receive(on: client)
      }
      guard !agree(command, replies[0], replies[1]) else { continue }
      Issue.record(
        """
        seed \(seed), step \(step): \(command)
        ours: \(replies[0].map(\.description) ?? "nothing")
        real: \(replies[1].map(\.description) ?? "nothing")
        before: \(history.suffix(12).joined(separator: "\n        "))
        """)
      return
    }
  }

  @Test("drawn subscriptions and messages reach the same clients", arguments: [11, 12, 13] as [UInt64])
  func pubSub(seed: UInt64) throws {
    let arms: [any RedisArm] = [OurArm(), try RealRedis()]
    for arm in arms {
      for client in 0..<4 {
        #expect(try arm.open() == client)
        if (Int(seed) + client).isMultiple(of: 2) { _ = try arm.ask("hello 3", on: client) }
      }
    }
    var random = RandomCommands(seed: seed, time: 0)
    for step in 0..<400 {
      let client = random.draw(4)
      let command = random.nextOfPubSub()
      let heard = try arms.map { arm in
        try arm.send(command, on: client)
        return try (0..<4).map { try hear(arm, $0, until: "barrier-\(step)") }
      }
      // Names of channels may come in any order when all are given up at once; counts then go with other names.
      let comparable = heard.map { $0.map { $0.map(command.count == 1 ? Self.flattened : \.description).sorted() } }
      #expect(comparable[0] == comparable[1], "seed \(seed), step \(step): \(client): \(command)")
      guard comparable[0] == comparable[1] else { return }
    }
  }

  /// What a client gets up to the answer of a `PING` sent now.
  private func hear(_ arm: any RedisArm, _ client: Int, until barrier: String) throws -> [RESPValue] {
    try arm.send(["ping", barrier], on: client)
    var heard: [RESPValue] = []
    while let value = try arm.receive(on: client) {
      if value == .bulk(barrier) || value.elements?.last == .bulk(barrier) { return heard }
      heard.append(value)
    }
    return heard
  }

  /// The kind of a confirmation, without name and count.
  private static func flattened(_ value: RESPValue) -> String {
    value.elements?.first?.description ?? value.description
  }

  @Test("keys expire at the same instants")
  func expiry() throws {
    let real = try RealRedis()
    let ours = OurArm()
    for arm in [ours, real] as [any RedisArm] { _ = try arm.open() }
    ours.advance(milliseconds: try real.serverTime() - ours.now)
    let start = ours.now
    for arm in [ours, real] as [any RedisArm] {
      for number in 0..<20 { try arm.expect("set k\(number) v pxat \(start + 60 + Int64(number) * 10)", .ok) }
    }
    let question = ["exists"] + (0..<20).map { "k\($0)" }
    var bytes: [UInt8] = []
    for command in [["time"], question, ["time"]] { bytes.appendRequest(command.map { Array($0.utf8) }) }
    for _ in 0..<40 {
      // The real server counts at an instant between two of its times, mostly the same one: what is there then was there
      // at the first and includes what is there at the second.
      try real.send(bytes, on: 0)
      let first = try milliseconds(real.receive(on: 0))
      let count = try #require(try real.receive(on: 0)?.integer)
      let second = try milliseconds(real.receive(on: 0))
      let bounds = try [first, second].map { moment in
        ours.advance(milliseconds: moment - ours.now)
        try ours.send(question, on: 0)
        return try ours.receive(on: 0)?.integer ?? -1
      }
      #expect(bounds[1] <= count && count <= bounds[0], "at \(first - start) to \(second - start) ms")
      real.advance(milliseconds: 7)
    }
  }

  private func milliseconds(_ time: RESPValue?) throws -> Int64 {
    let parts = time?.elements?.compactMap(\.text).compactMap(Int64.init) ?? []
    try #require(parts.count == 2)
    return parts[0] * 1_000 + parts[1] / 1_000
  }

  private func agree(_ command: [String], _ ours: RESPValue?, _ real: RESPValue?) -> Bool {
    switch (ours, real) {
    case (.integer(let a)?, .integer(let b)?) where command[0].lowercased().hasSuffix("ttl"):
      return a == b || (a >= 0 && b >= 0 && abs(a - b) <= (command[0] == "ttl" ? 1 : Self.tolerance))
    case (.integer(let a)?, .integer(let b)?) where command[0].lowercased().hasSuffix("expiretime"):
      return abs(a - b) <= Self.tolerance
    case (let a?, let b?):
      return a == b || normalised(a) == normalised(b) || isTransaction(a, b)
    default:
      return ours == real
    }
  }

  /// Replies whose order is not promised, sorted; the texts of commands this suite does not compare are left as they are.
  private func normalised(_ value: RESPValue) -> RESPValue {
    guard let elements = value.elements else { return value }
    if elements.count == 2, elements[0] == .bulk("0"), let keys = elements[1].elements { return sorted(keys) }
    return sorted(elements)
  }

  private func sorted(_ elements: [RESPValue]) -> RESPValue {
    .array(elements.map { normalised($0) }.sorted { $0.description < $1.description })
  }

  /// The replies of a transaction hold remaining lives without their commands: they may differ by the tolerance.
  private func isTransaction(_ ours: RESPValue, _ real: RESPValue) -> Bool {
    guard let a = ours.elements, let b = real.elements, a.count == b.count else { return false }
    return zip(a, b).allSatisfy { left, right in
      if case (.integer(let x), .integer(let y)) = (left, right), x > 50, y > 50 { return abs(x - y) <= Self.tolerance }
      return normalised(left) == normalised(right)
    }
  }
}

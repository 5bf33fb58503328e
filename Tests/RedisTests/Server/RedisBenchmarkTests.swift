import Testing

@testable import Redis

@Suite("The benchmark of the engine")
struct RedisBenchmarkTests {
  @Test("it counts commands against the clock it is given")
  func counts() {
    var time: UInt64 = 0
    let measurements = RedisBenchmarks.all(commands: 1_000) {
      time += 1_000_000
      return time
    }
    #expect(measurements.map(\.name) == ["redis.arguments", "redis.bytes"])
    #expect(measurements.allSatisfy { $0.value == 1_000_000 && $0.met })
  }
}

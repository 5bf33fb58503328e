import StreamSpaceProtocol
import Testing

@Suite("Resources and quotas")
struct ResourceTests {
  @Test(
    "cpu texts of spec/02 §7.2 in thousandths",
    arguments: [
      ("1000m", 1000), ("1", 1000), ("1.0", 1000), ("0.5", 500), ("100.5m", 101), ("0.0001", 1), ("2k", 2_000_000),
      ("-1", -1000), ("+1", 1000), (".5", 500), ("1.", 1000), ("1e3", 1_000_000), ("1E-3", 1), ("0", 0), ("1n", 1),
      ("5u", 1), ("0.00000000000000000000000000000000001", 1), ("99999999999999999999999E", Int64.max),
    ])
  func cpu(_ text: String, _ milli: Int64) throws {
    #expect(try ResourceQuantity(text).milli == milli)
  }

  @Test(
    "memory texts of spec/02 §7.2 in mebibytes",
    arguments: [
      ("2Gi", 2048), ("1.5Gi", 1536), ("2G", 1907), ("512Mi", 512), ("134217728", 128), ("2048", 0), ("1Ki", 0),
      ("1024Ki", 1), ("1Ti", 1_048_576), ("1e9", 953),
    ])
  func memory(_ text: String, _ mebibytes: Int64) throws {
    #expect(try ResourceQuantity(text).mebibytes == mebibytes)
  }

  @Test(
    "what is no quantity is refused with the library's text",
    arguments: [
      ("", ResourceQuantity.ParseError.format), ("abc", .format), ("2GB", .format), ("2gi", .format), ("1 ", .format),
      ("1.2.3", .format), ("1e3x", .format), ("--1", .suffix), ("2GG", .suffix), ("1e", .suffix), ("1Kim", .suffix),
      ("1Mi5", .suffix),
    ])
  func bad(_ text: String, _ expected: ResourceQuantity.ParseError) {
    #expect(throws: expected) { try ResourceQuantity(text) }
  }

  @Test(
    "requests are refused with the recorded texts, cpu first",
    arguments: [
      ("99m", "1Gi", "CPU request too low: minimum 100m"), ("65", "1Gi", "CPU request too high: maximum 64000m"),
      ("9999", "1Gi", "CPU request too high: maximum 64000m"),
      ("100m", "127Mi", "memory request too low: minimum 128Mi"),
      ("100m", "128M", "memory request too low: minimum 128Mi"),
      ("100m", "2048", "memory request too low: minimum 128Mi"),
      ("100m", "513Gi", "memory request too high: maximum 512Gi"), ("1m", "x", "CPU request too low: minimum 100m"),
      (
        "abc", "1Gi",
        "invalid CPU quantity: invalid resource quantity: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
      ),
      ("100m", "2GG", "invalid memory quantity: invalid resource quantity: unable to parse quantity's suffix"),
    ])
  func refused(_ cpu: String, _ memory: String, _ message: String) {
    let error = #expect(throws: ResourceError.self) {
      try SessionResources(validating: ResourceAmounts(cpu: cpu, memory: memory))
    }
    #expect(error?.message == message)
  }

  @Test("the limits themselves are allowed, empty texts stand for the defaults")
  func allowed() throws {
    let least = try SessionResources(validating: ResourceAmounts(cpu: "100m", memory: "128Mi"))
    #expect(least == SessionResources(cpuMilli: 100, memoryMebibytes: 128))
    let most = try SessionResources(validating: ResourceAmounts(cpu: "64", memory: "512Gi"))
    #expect(most == SessionResources(cpuMilli: 64_000, memoryMebibytes: 524_288))
    let standard = try SessionResources(validating: ResourceAmounts())
    #expect(standard == SessionResources(cpuMilli: 1000, memoryMebibytes: 2048))
    #expect(SessionResources(counting: ResourceAmounts(cpu: "x", memory: "2GB")) == .zero)
  }

  @Test("quotas are checked in the recorded order with the recorded texts")
  func quotas() {
    func message(_ cpu: Int64, _ memory: Int64, sessions: Int, usedCPU: Int64, usedMemory: Int64) -> String? {
      SessionQuota.standard.violation(
        by: SessionResources(cpuMilli: cpu, memoryMebibytes: memory),
        usage: .init(
          sessions: sessions, resources: SessionResources(cpuMilli: usedCPU, memoryMebibytes: usedMemory)))?.message
    }
    #expect(
      message(9000, 9000, sessions: 5, usedCPU: 0, usedMemory: 0) == "session quota exceeded: 5/5 sessions active")
    #expect(
      message(3000, 6144, sessions: 0, usedCPU: 0, usedMemory: 0)
        == "CPU quota exceeded: requested 3000m, limit is 2000m per session")
    #expect(
      message(2000, 6144, sessions: 0, usedCPU: 0, usedMemory: 0)
        == "memory quota exceeded: requested 6144Mi, limit is 4096Mi per session")
    #expect(
      message(1000, 2048, sessions: 4, usedCPU: 4000, usedMemory: 8192)
        == "total CPU quota exceeded: would use 5000m, limit is 4000m")
    #expect(
      message(500, 2048, sessions: 4, usedCPU: 2000, usedMemory: 8192)
        == "total memory quota exceeded: would use 10240Mi, limit is 8192Mi")
    #expect(message(2000, 4096, sessions: 4, usedCPU: 2000, usedMemory: 4096) == nil)
    #expect(QuotaViolation.unknownUser.message == "failed to get user limits: failed to get user: user not found")
  }

  @Test("a row an administrator set bounds a single session by its totals (C15)")
  func row() {
    let quota = SessionQuota.row(maxSessions: 7, total: SessionResources(cpuMilli: 9000, memoryMebibytes: 9000))
    let request = SessionResources(cpuMilli: 9000, memoryMebibytes: 9000)
    #expect(quota.violation(by: request, usage: .init(sessions: 6, resources: .zero)) == nil)
  }
}

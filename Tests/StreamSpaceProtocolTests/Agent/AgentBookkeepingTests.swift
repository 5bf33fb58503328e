import StreamSpaceProtocol
import Testing

@Suite("Waits before a reconnection")
struct ReconnectScheduleTests {
  private func waits(
    _ count: Int, _ waits: ReconnectSchedule.Waits = .jittered, draw: (Int64, Int64) -> Int64
  ) -> [Int64?] {
    var schedule = ReconnectSchedule(waits, .startsAgain)
    return (0..<count).map { _ in schedule.nextWait(draw) }
  }

  @Test("the bounds are [b/2, b] with b = 2, 4, 8, 16, 32 and then 32 for ever")
  func bounds() {
    let seconds: [Int64] = [2, 4, 8, 16, 32, 32, 32, 32]
    #expect(waits(8) { low, _ in low } == seconds.map { $0 * 500_000_000 })
    #expect(waits(8) { _, high in high } == seconds.map { $0 * 1_000_000_000 })
  }

  @Test("after a success they begin at 2 s again")
  func reset() {
    var schedule = ReconnectSchedule(.jittered, .startsAgain)
    for _ in 0..<6 { _ = schedule.nextWait { _, high in high } }
    schedule.succeeded()
    #expect(schedule.nextWait { _, high in high } == 2_000_000_000)
  }

  @Test("the shipped saw-tooth is exact and begins again by itself")
  func sawTooth() {
    let seconds: [Int64] = [2, 4, 8, 16, 32, 2, 4]
    #expect(waits(7, .exact) { low, _ in low } == seconds.map { $0 * 1_000_000_000 })
  }

  @Test("a counter that is never reset gives up after the fifth wait (C-17)")
  func neverReset() {
    var schedule = ReconnectSchedule(.jittered, .neverReset)
    for _ in 0..<5 {
      #expect(schedule.nextWait { _, high in high } != nil)
      schedule.succeeded()
    }
    #expect(schedule.nextWait { _, high in high } == nil)
  }
}

@Suite("Memory of commands")
struct CommandMemoryTests {
  private func answer(_ id: String) -> AgentMessage { .failed(CommandFailure(commandID: id, error: id)) }

  private func isAnswered(_ entry: CommandMemory.Entry?) -> Bool {
    if case .answered? = entry { true } else { false }
  }

  @Test("it keeps so many answers, the oldest goes first")
  func capacity() {
    var memory = CommandMemory(capacity: 3)
    for number in 1...4 {
      memory.open("c\(number)")
      memory.answer("c\(number)", with: answer("c\(number)"), at: 0)
    }
    #expect(memory.entry("c1", at: 0) == nil)
    for number in 2...4 { #expect(isAnswered(memory.entry("c\(number)", at: 0))) }
    #expect(memory.count == 3)
  }

  @Test("an answer is kept for one hour and no longer")
  func lifetime() {
    var memory = CommandMemory()
    memory.answer("c", with: answer("c"), at: 5)
    #expect(isAnswered(memory.entry("c", at: 5 + CommandMemory.lifetime)))
    #expect(memory.entry("c", at: 6 + CommandMemory.lifetime) == nil)
  }

  @Test("open work is never forgotten by itself")
  func openStays() {
    var memory = CommandMemory(capacity: 1)
    memory.open("open")
    for number in 1...200 { memory.answer("c\(number)", with: answer("c"), at: 0) }
    if case .open? = memory.entry("open", at: 9_999_000_000_000) {} else { Issue.record("open work is gone") }
    memory.forget("open")
    #expect(memory.entry("open", at: 0) == nil)
  }

  @Test("the contract's limits are 10 000 commands and one hour")
  func limits() {
    #expect(CommandMemory.capacity == 10_000)
    #expect(CommandMemory.lifetime == 60 * 60 * 1_000_000_000)
  }
}

@Suite("Queue of commands")
struct CommandQueueTests {
  @Test("four sessions at a time, one command per session, in order of arrival")
  func order() {
    var queue = CommandQueue<Int>(limit: 4)
    for (number, session) in ["a", "a", "b", "c", "d", "e"].enumerated() { queue.add(number, for: session) }
    var begun: [Int] = []
    while let next = queue.next() { begun.append(next.work) }
    #expect(begun == [0, 2, 3, 4])
    queue.finished("b")
    #expect(queue.next()?.work == 5)
    #expect(queue.next() == nil)
    queue.finished("a")
    #expect(queue.next()?.work == 1)
    #expect(queue.concerns("a"))
    queue.finished("a")
    #expect(!queue.concerns("a"))
  }

  @Test("cleared it is empty and tells what waited")
  func clear() {
    var queue = CommandQueue<Int>(limit: 1)
    for number in 1...3 { queue.add(number, for: "s\(number)") }
    _ = queue.next()
    #expect(queue.clear() == [2, 3])
    #expect(queue.runningCount == 0)
    #expect(queue.next() == nil)
  }
}

import Foundation
import Testing

@testable import LiveEnvironment

@Suite("Drivers of local processes")
struct ProcessDriverTests {
  private static func driver(
    start: EnvironmentFile.Driver.Command? = nil, stop: EnvironmentFile.Driver.Command? = nil,
    readyURL: String? = nil, pidFile: String? = nil, environment: [EnvironmentFile.Driver.Variable] = []
  ) -> EnvironmentFile.Driver {
    EnvironmentFile.Driver(
      name: "local", kind: .process, start: start, stop: stop, environment: environment, readyURL: readyURL,
      pidFile: pidFile)
  }

  private static func process(
    _ driver: EnvironmentFile.Driver, target: String? = nil, grace: Duration = .seconds(5),
    isReady: @escaping ReadyCheck = { _ in true }
  ) -> ProcessDriver {
    ProcessDriver(
      component: "api-1", target: target, driver: driver, isReady: isReady, grace: grace, readiness: .seconds(1))
  }

  @Test("a process is known by its number and its start, and one that ended is nobody")
  func identity() throws {
    let own = try #require(ProcessIdentity.current(ProcessInfo.processInfo.processIdentifier))
    #expect(own.isAlive)
    #expect(!ProcessIdentity(pid: own.pid, start: own.start + 1).isAlive)
    #expect(ProcessIdentity.current(-1) == nil)
    #expect(ProcessIdentity.current(0) == nil)
    let began = try #require(own.began)
    #expect(abs(Date().timeIntervalSince1970 - began) < 7 * 86_400)
    #expect(began <= Date().timeIntervalSince1970 + 2)
  }

  @Test("a number that another process has by now gets no signal")
  func reused() throws {
    let sleeper = try Sleeper()
    let real = try #require(ProcessIdentity.current(sleeper.pid))
    let stale = ProcessIdentity(pid: real.pid, start: real.start - 1)
    #expect(!stale.signal(SIGKILL))
    usleep(20_000)
    #expect(real.isAlive)
  }

  @Test("a pid file with the start of another process is refused, and the process stays")
  func staleStart() throws {
    let scratch = try Scratch()
    let sleeper = try Sleeper()
    let real = try #require(ProcessIdentity.current(sleeper.pid))
    try scratch.write("p", "\(real.pid)\n\(real.start + 1)\n")
    let driver = Self.process(Self.driver(pidFile: scratch.path("p")))
    let error = #expect(throws: DriverError.self) { try driver.perform(.kill) }
    #expect(error?.description.contains("another one") == true)
    #expect(driver.offer.verbs.isEmpty)
    #expect(real.isAlive)
  }

  @Test("a bare pid file that is older than the process is refused")
  func oldFile() throws {
    let scratch = try Scratch()
    let sleeper = try Sleeper()
    let path = try scratch.write("p", "\(sleeper.pid)\n")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -3_600)], ofItemAtPath: path)
    let driver = Self.process(Self.driver(pidFile: path))
    #expect(throws: DriverError.self) { try driver.perform(.kill) }
    #expect(sleeper.isRunning)
    // Written again it is believed.
    try scratch.write("p", "\(sleeper.pid)\n")
    try driver.perform(.kill)
    #expect(sleeper.ending == 128 + SIGKILL)
  }

  @Test(
    "what is no process id in a pid file is refused",
    arguments: ["", "x", "0", "1", "-5", "99999999", "12345678901234567890", "7 x"])
  func hostilePIDFile(text: String) throws {
    let scratch = try Scratch()
    try scratch.write("p", text)
    let driver = Self.process(Self.driver(pidFile: scratch.path("p")))
    #expect(throws: DriverError.self) { try driver.perform(.kill) }
  }

  @Test("pause freezes, resume goes on, stop lets it end in order")
  func verbs() throws {
    let scratch = try Scratch()
    let sleeper = try Sleeper()
    let driver = Self.process(Self.driver(pidFile: try scratch.write("p", "\(sleeper.pid)")))
    #expect(try driver.state() == .running)
    #expect(driver.offer.verbs == [.stop, .kill, .pause, .resume])
    try driver.perform(.pause)
    #expect(try driver.state() == .paused)
    try driver.perform(.resume)
    usleep(20_000)
    #expect(try driver.state() == .running)
    try driver.perform(.stop)
    #expect(try driver.state() == .stopped)
    #expect(sleeper.ending == 128 + SIGTERM)
    #expect(!FileManager.default.fileExists(atPath: scratch.path("p")))
  }

  @Test("a process that does not end at SIGTERM is a failure, and still runs")
  func deaf() throws {
    let scratch = try Scratch()
    let sleeper = try Sleeper(ignoring: true)
    let driver = Self.process(
      Self.driver(pidFile: try scratch.write("p", "\(sleeper.pid)")), grace: .milliseconds(300))
    let error = #expect(throws: DriverError.self) { try driver.perform(.stop) }
    #expect(error?.description.contains("still runs") == true)
    try driver.perform(.kill)
    #expect(try driver.state() == .stopped)
  }

  @Test("start runs the command with its variables and target, records it, and is killed by the record")
  func start() throws {
    let scratch = try Scratch()
    let variable = EnvironmentFile.Driver.Variable(name: "GREETING", value: .text("hello"))
    let description = Self.driver(
      start: .line("echo \"$GREETING {target}\" > \(scratch.path("said")); exec sleep 600"),
      pidFile: scratch.path("{target}.pid"), environment: [variable])
    let driver = Self.process(description, target: "k-1")
    #expect(driver.offer.verbs == DriverVerb.allCases)
    try driver.perform(.start)
    #expect(throws: DriverError.self) { try driver.perform(.start) }
    for _ in 0..<200 where scratch.text("said").isEmpty { usleep(5_000) }
    #expect(scratch.text("said") == "hello k-1\n")
    // Another driver finds it by the file.
    let other = Self.process(description, target: "k-1")
    #expect(try other.state() == .running)
    try other.perform(.kill)
    #expect(try driver.state() == .stopped)
    try driver.perform(.start)
    try driver.perform(.kill)
  }

  @Test("start waits until the component is ready, and says so when it never is")
  func readiness() throws {
    let scratch = try Scratch()
    let description = Self.driver(
      start: .words(["sleep", "600"]), readyURL: "http://127.0.0.1:1/{target}", pidFile: scratch.path("p"))
    let never = Self.process(description) { url in
      #expect(url == "http://127.0.0.1:1/api-1")
      return false
    }
    let error = #expect(throws: DriverError.self) { try never.perform(.start) }
    #expect(error?.description.contains("does not answer 200") == true)
    try never.perform(.kill)
    let early = Self.process(
      Self.driver(start: .words(["true"]), readyURL: "http://127.0.0.1:1/", pidFile: scratch.path("p"))
    ) { _ in false }
    #expect(throws: DriverError.self) { try early.perform(.start) }
  }

  @Test("a command that is not there is named")
  func absentProgram() {
    let driver = Self.process(Self.driver(start: .words(["no-such-program-here"])))
    let error = #expect(throws: DriverError.self) { try driver.perform(.start) }
    #expect(error?.description.contains("no-such-program-here") == true)
  }

  @Test("its own stop command is used instead of SIGTERM")
  func stopCommand() throws {
    let scratch = try Scratch()
    let sleeper = try Sleeper(ignoring: true)
    let driver = Self.process(
      Self.driver(
        stop: .line("echo stopping {target} > \(scratch.path("said")); kill -9 \(sleeper.pid)"),
        pidFile: try scratch.write("p", "\(sleeper.pid)")))
    try driver.perform(.stop)
    #expect(scratch.text("said") == "stopping api-1\n")
    #expect(try driver.state() == .stopped)
  }
}

import Testing

/// One script of steps; what each step showed is compared between the arms, and with what is written here.
struct FlockCase: Sendable, CustomStringConvertible {
  let name: String
  let expected: [String]
  let run: @Sendable (any FileArm, inout [String]) throws -> Void

  var description: String { name }

  static let all: [FlockCase] = [
    FlockCase(
      name: "a second process would block until the first unlocks", expected: ["true", "false", "true", "false"]
    ) {
      arm, seen in
      try open(arm, ["a", "b"])
      seen.append("\(try arm.lock("a", 5))")
      seen.append("\(try arm.lock("b", 5))")
      try arm.unlock("a", 5)
      seen.append("\(try arm.lock("b", 5))")
      seen.append("\(try arm.lock("a", 5))")
    },
    FlockCase(name: "a lock belongs to the open description, not to the process", expected: ["true", "true", "false"]) {
      arm, seen in
      try open(arm, ["a"])
      try arm.open("a", 6, "lock")
      seen.append("\(try arm.lock("a", 5))")
      seen.append("\(try arm.lock("a", 5))")
      seen.append("\(try arm.lock("a", 6))")
    },
    FlockCase(name: "closing the descriptor frees the lock", expected: ["true", "true"]) { arm, seen in
      try open(arm, ["a", "b"])
      seen.append("\(try arm.lock("a", 5))")
      try arm.close("a", 5)
      seen.append("\(try arm.lock("b", 5))")
    },
    FlockCase(
      name: "an unlinked and re-created file is another one: both hold a lock",
      expected: ["true", "1", "nil", "true", "2", "1", "2"]
    ) { arm, seen in
      try open(arm, ["a"])
      try arm.spawn("b")
      seen.append("\(try arm.lock("a", 5))")
      seen.append("\(try arm.file("a", of: 5))")
      try arm.unlink("b", "lock")
      seen.append(text(try arm.file("a", at: "lock")))
      try arm.open("b", 5, "lock")
      seen.append("\(try arm.lock("b", 5))")
      seen.append("\(try arm.file("b", of: 5))")
      seen.append("\(try arm.file("a", of: 5))")
      seen.append(text(try arm.file("a", at: "lock")))
    },
    FlockCase(
      name: "a file renamed over another takes its path; the old one lives on in its descriptor",
      expected: ["true", "true", "2", "1", "old", "new", "nil", "false"]
    ) { arm, seen in
      try open(arm, ["a"])
      try arm.spawn("b")
      seen.append("\(try arm.lock("a", 5))")
      try arm.write("a", 5, "old")
      _ = try arm.file("a", of: 5)
      try arm.open("b", 5, "lock.b")
      seen.append("\(try arm.lock("b", 5))")
      try arm.write("b", 5, "new")
      try arm.rename("b", "lock.b", "lock")
      seen.append(text(try arm.file("a", at: "lock")))
      seen.append("\(try arm.file("a", of: 5))")
      seen.append(try arm.read("a", 5))
      try arm.open("a", 6, "lock")
      seen.append(try arm.read("a", 6))
      seen.append(text(try arm.file("a", at: "lock.b")))
      // The lock went with the file.
      seen.append("\(try arm.lock("a", 6))")
    },
    FlockCase(
      name: "a killed process frees its lock, and its successor starts with none",
      expected: ["true", "false", "true", "false"]
    ) { arm, seen in
      try open(arm, ["a", "b"])
      seen.append("\(try arm.lock("a", 5))")
      seen.append("\(try arm.lock("b", 5))")
      try arm.kill("a")
      seen.append("\(try arm.lock("b", 5))")
      try open(arm, ["a"])
      seen.append("\(try arm.lock("a", 5))")
    },
    FlockCase(
      name: "a stopped process keeps its lock, and finds out afterwards what became of the path",
      expected: ["true", "false", "true", "1", "2", "false"]
    ) { arm, seen in
      try open(arm, ["a", "b"])
      seen.append("\(try arm.lock("a", 5))")
      _ = try arm.file("a", of: 5)
      try arm.pause("a")
      seen.append("\(try arm.lock("b", 5))")
      try arm.open("b", 6, "lock.b")
      seen.append("\(try arm.lock("b", 6))")
      try arm.rename("b", "lock.b", "lock")
      try arm.resume("a")
      seen.append("\(try arm.file("a", of: 5))")
      seen.append(text(try arm.file("a", at: "lock")))
      try arm.open("a", 6, "lock")
      seen.append("\(try arm.lock("a", 6))")
    },
    FlockCase(name: "a shorter text leaves nothing of a longer one", expected: ["long-text", "short"]) { arm, seen in
      try open(arm, ["a", "b"])
      try arm.write("a", 5, "long-text")
      seen.append(try arm.read("b", 5))
      try arm.write("b", 5, "short")
      seen.append(try arm.read("a", 5))
    },
    FlockCase(name: "what is not there can be neither unlinked nor renamed", expected: ["refused", "refused"]) {
      arm, seen in
      try arm.spawn("a")
      do { try arm.unlink("a", "missing") } catch { seen.append("refused") }
      do { try arm.rename("a", "missing", "lock") } catch { seen.append("refused") }
    },
  ]

  private static func open(_ arm: any FileArm, _ processes: [String]) throws {
    for process in processes {
      try arm.spawn(process)
      try arm.open(process, 5, "lock")
    }
  }

  private static func text(_ file: Int?) -> String { file.map(String.init) ?? "nil" }
}

@Suite("flock and the names of files, on a simulated volume and on this machine")
struct FlockConformanceTests {
  @Test("the simulated volume does what the script says", arguments: FlockCase.all)
  func simulated(script: FlockCase) throws {
    let arm = SimulatedFiles()
    var seen: [String] = []
    try script.run(arm, &seen)
    #expect(seen == script.expected)
  }

  @Test("two real processes do the same", .enabled(if: RealFiles.isUsable), arguments: FlockCase.all)
  func real(script: FlockCase) throws {
    let arm = try RealFiles()
    var seen: [String] = []
    try script.run(arm, &seen)
    #expect(seen == script.expected)
  }
}

import Foundation
import Testing

/// A name that makes a run depend on something beside its seed, or that ends it without a word.
struct BannedName {
  let rule: String
  let pattern: NSRegularExpression
  let reason: String
  /// Code that must be found, and code that must not.
  let bad: String
  let good: String

  init(_ rule: String, _ text: String, _ reason: String, bad: String, good: String) {
    self.rule = rule
    pattern = RepositoryTests.pattern(text)
    self.reason = reason
    self.bad = bad
    self.good = good
  }
}

enum Bans {
  /// Code that runs under the virtual clock, and the adapter that composes it.
  static let folders = [
    "Sources/SimulationRuntime", "Sources/RemoteFramebuffer", "Simulators",
    "Sources/Scenarios", "Sources/Oracles", "Sources/StreamSpaceProtocol",
    "Sources/TestEnvironment", "Sources/SimulatedEnvironment", "Sources/AgentStreaming", "Sources/Chaos",
  ]

  /// DESIGN §3, "Banned", and the pitfalls P1 to P23 of the anchors.
  static let names: [BannedName] = [
    .init(
      "wall clock", #"\b(Date|DispatchTime|DispatchWallTime)\s*(\(|\.now\b)"#, "time is the simulation's",
      bad: "let a = Date()", good: "let a = CivilDate(day)"),
    .init(
      "clock of the library",
      #"\b(ContinuousClock|SuspendingClock|clock_gettime|gettimeofday|systemUptime|CFAbsoluteTimeGetCurrent|mach_absolute_time)\b"#,
      "time is the simulation's", bad: "ContinuousClock().now", good: "HostClock()"),
    .init("UUID", #"\bUUID\s*\("#, "ids come from decisions", bad: "UUID().uuidString", good: "decisions.uuid(stream)"),
    .init(
      "random",
      #"\.random\s*\(\s*(?!.*\busing\s*:)|\brandomElement\s*\(\s*\)|\bshuffled?\s*\(\s*\)|\bSystemRandomNumberGenerator\b|\b(arc4random|drand48|getrandom)\w*\s*\("#,
      "chance comes from decisions", bad: "Int.random(in: 0..<3)", good: "Int.random(in: 0..<3, using: &random)"),
    .init(
      "threads",
      #"\b(DispatchQueue|DispatchGroup|DispatchSemaphore|DispatchSource|OperationQueue|NSLock|NSRecursiveLock)\b|\bThread\s*[.({]|\bpthread_(create|mutex\w*)\b"#,
      "one thread runs everything", bad: "DispatchQueue.main.async {}", good: "let threads = thread.count"),
    .init(
      "unstructured task", #"\bTask\s*(<[^>]*>\s*)?(\{|\(\s*(priority|name)\s*:)|\bTask\.(detached|immediate)\b"#,
      "it leaves the executor of the simulation", bad: "Task { work() }", good: "Task(executorPreference: executor) { }"
    ),
    .init(
      "real sleep", #"\bTask\.sleep\b|\b(usleep|nanosleep)\s*\("#, "it sleeps in real time",
      bad: "try await Task.sleep(for: .seconds(1))", good: "try await cases.sleep(.seconds(1))"),
    .init(
      "main actor", #"@MainActor\b|\bMainActor\.run\b"#, "it leaves the executor of the simulation",
      bad: "@MainActor final class A {}", good: "final class MainActorTest {}"),
    .init(
      "hash value", #"\.hashValue\b|\bHasher\s*\(|\bObjectIdentifier\s*\([^)]*\)\s*[<>]"#, "it differs by process",
      bad: "let a = name.hashValue", good: "let a = hash(of: name)"),
    .init(
      "process information",
      #"\b(ProcessInfo|CommandLine|Host\.current|Locale\.current|TimeZone\.(current|local)|Calendar\.current)\b|\bgetenv\s*\("#,
      "it differs by machine", bad: "ProcessInfo.processInfo.environment", good: "process.information"),
    .init(
      "files and sockets",
      #"\b(FileManager|FileHandle|URLSession|Process\s*\(\s*\)|fopen|fwrite)\b|\bsocket\s*\(\s*AF_"#,
      "only the live adapter and the executables touch the machine", bad: "FileManager.default.contents(atPath: p)",
      good: "Process(name)"),
    .init(
      "floating point",
      #":\s*(Double|Float|CGFloat|TimeInterval)\b|\b(Double|Float)\s*\(|\b(sqrt|exp|log|log2|log10|pow|sin|cos)\s*\("#,
      "what decides an outcome is an integer", bad: "let p: Double = 0.5", good: "let p = 1"),
    .init(
      "mutable static",
      #"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate|nonisolated(?:\(unsafe\))?|final)\s+)*(?:static|class)\s+var\s+\w+\s*(?::[^={\n]+)?(?:=|$)"#,
      "it survives from seed to seed", bad: "  static var counter = 0", good: "  static var counter: Int { 0 }"),
    .init(
      "unordered JSON", #"\bJSONEncoder\s*\(|\bJSONSerialization\b"#, "the order of keys is not fixed",
      bad: "JSONEncoder()", good: "SortedJSONEncoder()"),
    .init(
      "sort without a total order",
      #"\.sort(?:ed)?\s*\(\s*by\s*:\s*\{\s*\$0\.\w*[tT]ime\w*\s*<\s*\$1\.\w*[tT]ime\w*\s*\}"#,
      "equal times keep no order", bad: "events.sorted(by: { $0.time < $1.time })",
      good: "events.sorted { ($0.time, $0.number) < ($1.time, $1.number) }"),
    .init(
      "unsafe isolation", #"\bnonisolated\(unsafe\)"#, "what is shared is not the simulation's",
      bad: "nonisolated(unsafe) var a = 1", good: "nonisolated var a: Int { 1 }"),
    .init(
      "trap",
      #"\bfatalError\s*\(|\bprecondition(?:Failure)?\s*\(|\btry!|\bassert(?:ionFailure)?\s*\(|\bunowned\(unsafe\)"#,
      "a run ends with an error and a reason", bad: "try! run()", good: "try run()"),
    .init(
      "force unwrap", #"[\w\)\]]!(?!=)"#, "a run ends with an error and a reason", bad: "let a = names.first!",
      good: "if !isOpen && a != b {}"),
    .init(
      "forced cast", #"\bas!"#, "a run ends with an error and a reason", bad: "payload as! Bytes",
      good: "payload as? Bytes"),
  ]

  /// Reviewed one by one. An exception that covers nothing any more fails too.
  static let exceptions: [Exception] = [
    .init(
      file: "Kernel/ThreadIdentity.swift", rule: "trap",
      reason: "a foreign thread cannot be given an error: whatever it went on to do would not repeat"),
    .init(
      file: "Cases/CaseLayer.swift", rule: "mutable static",
      reason: "a task-local value must be declared so; it belongs to a task and ends with it"),
    .init(
      file: "Search/RiskRatio.swift", rule: "floating point",
      reason: "statistics of a campaign for its reader, by arithmetic alone; no run is decided by them"),
    .init(
      file: "JSON/JSONParser.swift", rule: "floating point",
      reason: "JSON has such numbers; they are carried, not computed with"),
    .init(file: "Text/GoText.swift", rule: "floating point", reason: "prints the numbers that JSON carries"),
    .init(
      file: "SQLite/SQLiteStatement.swift", rule: "floating point", reason: "prints a numeric column as PostgreSQL does"
    ),
  ]

  /// The files under the bans, read once.
  static let files = Repository.code(in: folders)

  /// Any of `names`: one look at a file tells nearly always that there is nothing.
  private static let any = pattern(names.map { "(?:\($0.pattern.pattern))" }.joined(separator: "|"))

  /// What of `names` is found in `files`, without the exceptions.
  static func findings(in files: [SourceFile], _ exceptions: [Exception]) -> [String] {
    let suspects = files.filter { $0.contains(any) }
    return names.flatMap { name in
      suspects.flatMap { $0.matches(name.pattern) }.filter { finding in
        !exceptions.contains { $0.covers(finding, of: name.rule) }
      }.map { "\($0) — \(name.rule): \(name.reason)" }
    }
  }
}

@Suite("Banned names")
struct BannedNameTests {
  @Test("nothing that runs under the virtual clock uses a banned name")
  func sources() { #expect(Bans.findings(in: Bans.files, Bans.exceptions) == []) }

  @Test("every exception is still needed")
  func exceptions() {
    for exception in Bans.exceptions {
      let name = Bans.names.first { $0.rule == exception.rule }
      #expect(name != nil, "no rule is called \(exception.rule)")
      let covered = Bans.files.contains { file in
        file.path.hasSuffix(exception.file)
          && name.map { file.matches($0.pattern).contains { exception.covers($0, of: exception.rule) } } ?? false
      }
      #expect(covered, "\(exception.file) has no \(exception.rule) any more")
    }
  }

  @Test("each rule finds what it is for, and not what looks like it", arguments: Bans.names.indices)
  func samples(index: Int) {
    let name = Bans.names[index]
    #expect(!SourceFile(path: "Bad.swift", text: name.bad).matches(name.pattern).isEmpty, "\(name.rule): \(name.bad)")
    #expect(SourceFile(path: "Good.swift", text: name.good).matches(name.pattern).isEmpty, "\(name.rule): \(name.good)")
    #expect(SourceFile(path: "Comment.swift", text: "// \(name.bad)").matches(name.pattern).isEmpty)
  }

  @Test("a finding names file, line and rule")
  func finding() {
    let file = SourceFile(path: "Simulators/Bad.swift", text: "\n\nlet a = UUID()\n")
    #expect(Bans.findings(in: [file], []) == ["Simulators/Bad.swift:3: UUID( — UUID: ids come from decisions"])
    let exception = Exception(file: "Bad.swift", rule: "UUID", reason: "a test")
    #expect(Bans.findings(in: [file], [exception]) == [])
  }

  @Test("the folders are there to be searched")
  func folders() {
    let files = Bans.files
    #expect(files.count > 100)
    for folder in ["Sources/SimulationRuntime/Kernel", "Simulators/Redis", "Sources/Oracles"] {
      #expect(files.contains { $0.path.hasPrefix(folder) }, "\(folder)")
    }
  }
}

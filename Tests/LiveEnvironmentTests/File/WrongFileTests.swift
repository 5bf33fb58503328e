#if Live
  import Foundation
  import Testing

  @testable import LiveEnvironment

  /// A file with mistakes, and what must be said of it, line by line.
  struct WrongFile: Sendable, CustomTestStringConvertible {
    var what: String
    var text: String
    /// `LINE:COLUMN: ` and a part of the message.
    var complaints: [(place: String, words: String)]

    var testDescription: String { what }

    init(_ what: String, _ text: String, _ complaints: (String, String)...) {
      self.what = what
      self.text = text
      self.complaints = complaints.map { (place: $0.0, words: $0.1) }
    }

    /// Three lines that are right, before what is wrong: that begins in line 4.
    init(_ what: String, after text: String, _ complaints: (String, String)...) {
      self.what = what
      self.text = "version: 1\nname: x\napi: {replicas: [{name: api-1, url: \"http://h:8000\"}]}\n" + text
      self.complaints = complaints.map { (place: $0.0, words: $0.1) }
    }
  }

  @Suite("Environment files with mistakes")
  struct WrongFileTests {
    static let files: [WrongFile] = [
      .init("no version", "name: x\napi: {replicas: [{name: a, url: http://h}]}", ("1:1", "version is missing")),
      .init(
        "another version", "version: 2\nname: x\napi: {replicas: [{name: a, url: http://h}]}", ("1:10", "must be 1")),
      .init(
        "a version in words", "version: one\nname: x\napi: {replicas: [{name: a, url: http://h}]}",
        ("1:10", "whole number")),
      .init("no name", "version: 1\napi: {replicas: [{name: a, url: http://h}]}", ("1:1", "name is missing")),
      .init(
        "a number as name", "version: 1\nname: 7\napi: {replicas: [{name: a, url: http://h}]}",
        ("2:7", "\"7\" in quotes")),
      .init(
        "a name with spaces", "version: 1\nname: a b\napi: {replicas: [{name: a, url: http://h}]}", ("2:7", "letters")),
      .init("no api", "version: 1\nname: x\n", ("1:1", "api is missing")),
      .init("no replicas", "version: 1\nname: x\napi:\n  balancer: http://h\n", ("4:3", "api.replicas is missing")),
      .init("an empty list of replicas", "version: 1\nname: x\napi:\n  replicas: []\n", ("4:13", "no entry")),
      .init("replicas that are no list", "version: 1\nname: x\napi:\n  replicas: api-1\n", ("4:13", "must be a list")),
      .init("api that is no section", "version: 1\nname: x\napi: http://h\n", ("3:6", "must be a section")),
      .init("a list at the top", "- version: 1\n", ("1:1", "the file must be a section")),
      .init("an unknown key", after: "colour: red\n", ("4:1", "unknown key 'colour'; known are version")),
      .init("a mistyped key", after: "databse: {}\n", ("4:1", "did you mean 'database'?")),
      .init(
        "a mistyped inner key", after: "redis: {ulr: \"redis://h\"}\n", ("4:9", "redis.url is missing"),
        ("4:9", "did you mean 'url'?")),
      .init("a key in capitals", after: "Admin: {}\n", ("4:1", "did you mean 'admin'?")),
      .init("a bad mode", after: "mode: lvie\n", ("4:7", "did you mean 'live'?")),
      .init(
        "two replicas of one name",
        "version: 1\nname: x\napi:\n  replicas:\n    - {name: a, url: http://h}\n    - {name: a, url: http://i}\n",
        ("6:14", "stands twice in api.replicas, first in line 5")),
      .init(
        "two replicas at one address",
        "version: 1\nname: x\napi:\n  replicas:\n    - {name: a, url: http://h}\n    - {name: b, url: \"http://h:80/\"}\n",
        ("6:22", "address of another replica, first in line 5")),
      .init(
        "a URL without scheme", "version: 1\nname: x\napi: {replicas: [{name: a, url: h/x}]}\n",
        ("3:33", "must be http://HOST:PORT")),
      .init(
        "a URL of another scheme", "version: 1\nname: x\napi: {replicas: [{name: a, url: ftp://h}]}\n",
        ("3:33", "not ftp://")),
      .init(
        "a port that is too large", "version: 1\nname: x\napi: {replicas: [{name: a, url: \"http://h:65536\"}]}\n",
        ("3:33", "no port of 1 to 65535")),
      .init(
        "a port of zero", "version: 1\nname: x\napi: {replicas: [{name: a, url: \"http://h:0\"}]}\n",
        ("3:33", "no port")),
      .init(
        "a port in words", "version: 1\nname: x\napi: {replicas: [{name: a, url: \"http://h:web\"}]}\n",
        ("3:33", "no port")),
      .init(
        "a URL without host", "version: 1\nname: x\napi: {replicas: [{name: a, url: \"http:///x\"}]}\n",
        ("3:33", "names no host")),
      .init(
        "a URL with a query", "version: 1\nname: x\napi: {replicas: [{name: a, url: \"http://h?a=b\"}]}\n",
        ("3:33", "no '?'")),
      .init(
        "a password in a URL", after: "redis: {url: \"redis://:s3cret@h:6379\"}\n", ("4:14", "no user and no password")),
      .init("a path behind Redis", after: "redis: {url: \"redis://h/1\"}\n", ("4:14", "hubDatabase")),
      .init(
        "a literal password", after: "admin: {username: a, password: s3cret}\n", ("4:32", "never the secret itself")),
      .init(
        "a literal database URL", after: "database: {url: \"postgresql://u:s3cret@h/d\"}\n",
        ("4:17", "never the secret itself")),
      .init("a literal bootstrap key", after: "agentBootstrapKey: s3cret\n", ("4:20", "never the secret itself")),
      .init(
        "a secret in a driver's variables",
        after: "drivers:\n  d: {kind: process, start: a, env: {JWT_SECRET: s3cret}}\n",
        ("5:50", "JWT_SECRET is a secret")),
      .init(
        "a variable that is not set", after: "agentBootstrapKey: {env: NOWHERE}\n",
        ("4:20", "the environment variable NOWHERE is not set")),
      .init(
        "a file that is not there", after: "admin: {username: a, password: {file: /nowhere/pw}}\n",
        ("4:32", "/nowhere/pw cannot be read")),
      .init("env and file", after: "admin: {username: a, password: {env: ADMIN, file: b}}\n", ("4:32", "not both")),
      .init("neither env nor file", after: "admin: {username: a, password: {}}\n", ("4:32", "must name env or file")),
      .init(
        "a bootstrap key that is too short", after: "agentBootstrapKey: {env: KEY}\n", ("4:20", "64 hexadecimal digits")
      ),
      .init(
        "a database URL that is none", after: "database: {url: {env: KEY}}\n",
        ("4:17", "no address of a PostgreSQL server: $KEY")),
      .init("no password", after: "admin: {username: a}\n", ("4:9", "admin.password is missing")),
      .init("yes instead of true", after: "database: {url: {env: DB}, write: yes}\n", ("4:35", "true or false")),
      .init(
        "a Redis database below zero", after: "redis: {url: \"redis://h\", hubDatabase: -1}\n",
        ("4:40", "0 to 65535, not -1")),
      .init("a duration without unit", after: "safety: {deadline: 30}\n", ("4:20", "duration such as 90s")),
      .init("a duration of an unknown unit", after: "safety: {deadline: 3d}\n", ("4:20", "duration such as 90s")),
      .init("a duration of zero", after: "safety: {deadline: 0s}\n", ("4:20", "duration such as 90s")),
      .init("a duration that overflows", after: "safety: {deadline: 99999999999999999999h}\n", ("4:20", "duration")),
      .init("a run label that is none", after: "safety: {runLabel: XYZ}\n", ("4:20", "eight hexadecimal digits")),
      .init("an unknown component allowed", after: "safety: {allow: [api1]}\n", ("4:18", "did you mean 'api-1'?")),
      .init("a component allowed twice", after: "safety: {allow: [api-1, api-1]}\n", ("4:25", "stands twice")),
      .init(
        "a driver that is not defined",
        after: "redis: {url: \"redis://h\", driver: boxs}\ndrivers: {boxes: {kind: docker}}\n",
        ("4:35", "did you mean 'boxes'?")),
      .init(
        "a target without driver", after: "redis: {url: \"redis://h\", target: cache}\n", ("4:35", "needs a driver")),
      .init("a driver of no kind", after: "drivers:\n  d: {start: a}\n", ("5:7", "drivers.d.kind is missing")),
      .init(
        "a driver of an unknown kind", after: "drivers:\n  d: {kind: dokcer}\n", ("5:13", "did you mean 'docker'?")),
      .init(
        "a process that cannot be found", after: "drivers:\n  d: {kind: process}\n", ("5:3", "needs start or pidFile")),
      .init(
        "a pid file of a container", after: "drivers:\n  d: {kind: docker, pidFile: /x}\n",
        ("5:30", "kind process only")),
      .init("variables of nothing", after: "drivers:\n  d: {kind: none, env: {A: b}}\n", ("5:24", "kind none")),
      .init(
        "a ready URL that is none", after: "drivers:\n  d: {kind: docker, readyUrl: soon}\n",
        ("5:31", "http://HOST:PORT/PATH")),
      .init("an empty command", after: "drivers:\n  d: {kind: process, start: []}\n", ("5:29", "names no program")),
      .init(
        "an agent id that is too short", after: "agents: [{id: k1, platform: docker}]\n",
        ("4:15", "3 to 100 characters")),
      .init("an agent of no platform", after: "agents: [{id: k8s-1}]\n", ("4:11", "platform is missing")),
      .init(
        "an agent of two platforms",
        after:
          "drivers: {d: {kind: docker}}\nagents:\n  - {id: abc, platform: docker}\n  - {id: abc, platform: kubernetes, driver: d, target: y}\n",
        ("7:5", "is of platform docker before")),
      .init(
        "a selector that is none", after: "kubernetes: {context: c, agentId: k8s-1, agentSelector: agent}\n",
        ("4:57", "label selector")),
      .init(
        "Docker replicas without backend", after: "docker: [{host: \"unix:///d\", agentId: docker-1, replicas: 3}]\n",
        ("4:59", "need a backend")),
      .init(
        "a Docker host that is a path", after: "docker: [{host: /var/run/docker.sock, agentId: docker-1}]\n",
        ("4:17", "must be unix:///PATH")),
      .init(
        "two components of one name", after: "agents: [{id: api-1, platform: docker}]\n",
        ("1:1", "two components are called 'api-1'")),
      .init(
        "a proxy between one", after: "proxies: [{between: [api-1], control: \"http://h\"}]\n",
        ("4:21", "two different components")),
      .init("hybrid in a live file", after: "hybrid: {simulated: [vnc]}\n", ("4:10", "mode: hybrid only")),
      .init("a hybrid file without hybrid", after: "mode: hybrid\n", ("1:1", "hybrid is missing")),
      .init(
        "an unknown part to simulate", after: "mode: hybrid\nhybrid: {simulated: [agent]}\n",
        ("5:22", "did you mean 'agents'?")),
      .init(
        "organisations without administrator",
        after: "organisations: [{id: o, admin: {username: a, password: {env: ADMIN}}}]\n", ("4:16", "need admin")),
      .init("an amount of memory that is none", after: "limits: {memory: lots}\n", ("4:18", "64Gi")),
      .init("a capacity of zero", after: "limits: {capacity: 0}\n", ("4:20", "1 to 1000000")),
      .init("a list as key", after: "? [a]\n: 1\n", ("4:3", "a key must be a word")),
      .init("a key that stands twice", after: "strict: true\nstrict: false\n", ("4:1", "stands twice in one section")),
      .init("a tabulator as indentation", after: "redis:\n\turl: x\n", ("5:1", "not YAML")),
      .init("a bracket that is not closed", after: "docker: [\n", ("5:1", "not YAML")),
      .init("two documents", after: "---\nversion: 1\n", ("4:1", "not YAML")),
      .init(
        "several mistakes at once", after: "colour: red\nredis: {url: 5}\nsafety: {deadline: soon, maxSessions: 0}\n",
        ("4:1", "colour"), ("5:14", "redis.url must be text"), ("6:20", "duration"), ("6:39", "1 to 100000")),
    ]

    @Test("each mistake is named with its line and column, and nothing else is", arguments: files)
    func wrong(_ file: WrongFile) {
      let error = #expect(throws: EnvironmentFileError.self) {
        try EnvironmentFile.parse(
          Data(file.text.utf8), file: "env.yaml", variables: EnvironmentFileTests.variables)
      }
      let lines = error?.problems.map(\.description) ?? []
      #expect(lines.count == file.complaints.count, "\(lines)")
      for (line, expected) in zip(lines, file.complaints) {
        #expect(line.hasPrefix("env.yaml:\(expected.place): "), "\(line)")
        #expect(line.contains(expected.words), "\(line)")
        #expect(!line.contains("s3cret"), "a secret is quoted: \(line)")
        #expect(!line.contains("\n"))
      }
    }

    @Test("there are as many as promised")
    func count() { #expect(Self.files.count >= 60) }

    // MARK: Hostile files

    private static let hostileFiles: KeyValuePairs<String, [UInt8]> = [

      "binary": [0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3], "no UTF-8": [0x61, 0x3a, 0x20, 0xff, 0xfe],
      "empty": [], "a comment only": Array("# nothing\n".utf8),
      "control characters": [0x61, 0x3a, 0x20, 0x01, 0x02],
      "a lone percent": Array("%".utf8), "undefined alias": Array("a: *b\n".utf8),
      "an anchor": Array("a: &b 1\n".utf8), "a large file": Array(repeating: 0x61, count: 300_000),
      "deep lists": Array(String(repeating: "[", count: 100_000).utf8),
      "deep closed lists": Array((String(repeating: "[", count: 900) + String(repeating: "]", count: 900)).utf8),
      "deep sections": Array((0..<400).map { String(repeating: " ", count: $0) + "a:\n" }.joined().utf8),
      "dashes": Array(String(repeating: "- ", count: 50_000).utf8),
      "one long key": Array((String(repeating: "k", count: 200_000) + ": 1").utf8),
      "questions": Array(String(repeating: "? ", count: 20_000).utf8),
    ]

    @Test("hostile input is refused in one line, at once, and never crashes", arguments: hostileFiles.map(\.key))
    func hostile(name: String) throws {
      let bytes = try #require(Self.hostileFiles.first { $0.key == name }).value
      let began = ContinuousClock.now
      let error = #expect(throws: EnvironmentFileError.self) {
        try EnvironmentFile.parse(Data(bytes), file: "env.yaml")
      }
      #expect(error.map { !$0.problems.isEmpty } ?? false)
      for problem in error?.problems ?? [] {
        #expect(!problem.description.contains("\n"))
        #expect(problem.description.utf8.count < 500)
      }
      #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test("a file that repeats itself by aliases is refused before it can fill the memory")
    func bomb() {
      var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
      for level in 1...9 {
        let again = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
        text += "a\(level): &a\(level) [\(again)]\n"
      }
      // As a key it would be compared with the others, element by element.
      text += "? *a9\n: 1\n? [*a9]\n: 2\n"
      let began = ContinuousClock.now
      #expect(throws: EnvironmentFileError.self) { try EnvironmentFile.parse(Data(text.utf8), file: "env.yaml") }
      #expect(ContinuousClock.now - began < .seconds(2))
    }

    @Test("every cut of a good file is refused or read, and never crashes")
    func cuts() {
      let bytes = Array(EnvironmentFileTests.whole.utf8)
      for end in stride(from: 0, to: bytes.count, by: 7) {
        _ = try? EnvironmentFile.parse(
          Data(bytes[..<end]), file: "env.yaml", variables: EnvironmentFileTests.variables)
      }
      // And with one byte changed.
      for position in stride(from: 0, to: bytes.count, by: 11) {
        var changed = bytes
        changed[position] = [0x7b, 0x5d, 0x3a, 0x2a, 0x26, 0x21, 0x09, 0x80][position % 8]
        _ = try? EnvironmentFile.parse(Data(changed), file: "env.yaml", variables: EnvironmentFileTests.variables)
      }
    }
  }
#endif

import StreamSpaceProtocol
import Testing

extension ConformanceCase {
  static let protocolCases: [ConformanceCase] = [
    ConformanceCase("pipelined requests are answered in order") { arm in
      try arm.send(Array("*1\r\n$4\r\nPING\r\n*2\r\n$4\r\necho\r\n$2\r\nhi\r\nPING\r\n".utf8), on: 0)
      try arm.expectMessage(.simple("PONG"), on: 0)
      try arm.expectMessage(.bulk("hi"), on: 0)
      try arm.expectMessage(.simple("PONG"), on: 0)
    },
    ConformanceCase("empty arrays and lines are skipped, the end of a bulk is not looked at") { arm in
      try arm.send(Array("*0\r\n*-1\r\n\r\n*1\r\n$4\r\npingxxecho \"a\\x41\" \r\n".utf8), on: 0)
      try arm.expectMessage(.simple("PONG"), on: 0)
      try arm.expectMessage(.bulk("aA"), on: 0)
    },
    framingError("*abc\r\n", "invalid multibulk length"),
    framingError("*2147483648\r\n", "invalid multibulk length"),
    framingError("*1\r\nxabc\r\n", "expected '$', got 'x'"),
    framingError("*1\r\n$abc\r\n", "invalid bulk length"),
    framingError("*1\r\n$-5\r\n", "invalid bulk length"),
    framingError("*1\r\n$536870913\r\n", "invalid bulk length"),
    framingError("echo \"x\r\n", "unbalanced quotes in request"),
    framingError("echo 'x'y\r\n", "unbalanced quotes in request"),
    framingError(String(repeating: "x", count: 65_537), "too big inline request"),
    ConformanceCase("the requests before a framing error are answered") { arm in
      try arm.send(Array("PING\r\n*1\r\nx\r\nPING\r\n".utf8), on: 0)
      try arm.expectMessage(.simple("PONG"), on: 0)
      try arm.expectMessage(.error("ERR Protocol error: expected '$', got 'x'"), on: 0)
      #expect(try arm.hasEnded(0))
    },
    ConformanceCase("a client that speaks HTTP is dropped without a word") { arm in
      try arm.send(Array("POST / HTTP/1.1\r\n".utf8), on: 0)
      #expect(try arm.receive(on: 0) == nil)
      #expect(try arm.hasEnded(0))
    },
    ConformanceCase("unknown commands are quoted with their arguments") { arm in
      try arm.expect("FOO", .error("ERR unknown command 'FOO', with args beginning with: "))
      try arm.expect("foo a b", .error("ERR unknown command 'foo', with args beginning with: 'a' 'b' "))
      let long = String(repeating: "x", count: 100)
      try arm.expect(
        "foo \(long) \(long) \(long)",
        .error("ERR unknown command 'foo', with args beginning with: '\(long)' '\(long.prefix(25))' "))
      try arm.expect("client foo", .error("ERR unknown subcommand 'foo'. Try CLIENT HELP."))
      try arm.expect(
        "client maint_notifications on",
        .error("ERR unknown subcommand 'maint_notifications'. Try CLIENT HELP."))
    },
    ConformanceCase("the number of arguments is checked") { arm in
      try arm.expect("get", .error("ERR wrong number of arguments for 'get' command"))
      try arm.expect("GeT a b", .error("ERR wrong number of arguments for 'get' command"))
      try arm.expect("client", .error("ERR wrong number of arguments for 'client' command"))
      try arm.expect("client id x", .error("ERR wrong number of arguments for 'client|id' command"))
      try arm.expect("ping a b", .error("ERR wrong number of arguments for 'ping' command"))
    },
  ]

  private static func framingError(_ text: String, _ message: String) -> ConformanceCase {
    ConformanceCase("framing error: \(text.prefix(20).debugDescription)") { arm in
      try arm.send(Array(text.utf8), on: 0)
      try arm.expectMessage(.error("ERR Protocol error: \(message)"), on: 0)
      #expect(try arm.hasEnded(0))
    }
  }

  static let connectionCases: [ConformanceCase] = [
    ConformanceCase("HELLO negotiates the protocol") { arm in
      let id = try #require(try arm.ask("client id")?.integer)
      func fields(_ proto: Int64) -> [(RESPValue, RESPValue)] {
        [
          (.bulk("server"), .bulk("redis")), (.bulk("version"), .bulk("7.0.15")), (.bulk("proto"), .integer(proto)),
          (.bulk("id"), .integer(id)), (.bulk("mode"), .bulk("standalone")), (.bulk("role"), .bulk("master")),
          (.bulk("modules"), .array([])),
        ]
      }
      try arm.expect("hello", .array(fields(2).flatMap { [$0.0, $0.1] }))
      try arm.expect("hello 3", .map(fields(3).map { RESPMapEntry($0.0, $0.1) }))
      try arm.expect("get missing", .null)
      try arm.expect("hello", .map(fields(3).map { RESPMapEntry($0.0, $0.1) }))
      try arm.expect("hello 2 setname me", .array(fields(2).flatMap { [$0.0, $0.1] }))
      try arm.expect("client getname", .bulk("me"))
      try arm.expect("hello 4", .error("NOPROTO unsupported protocol version"))
      try arm.expect("hello 1", .error("NOPROTO unsupported protocol version"))
      try arm.expect("hello x", .error("ERR Protocol version is not an integer or out of range"))
      try arm.expect("hello 3 foo", .error("ERR Syntax error in HELLO option 'foo'"))
      try arm.expect("hello 3 auth default", .error("ERR Syntax error in HELLO option 'auth'"))
      try arm.expect(
        "hello 3 setname a~b", .error("ERR Client names cannot contain spaces, newlines or special characters."))
      try arm.expect("hello 2 auth default whatever", .array(fields(2).flatMap { [$0.0, $0.1] }))
      try arm.expect(
        "hello 2 auth nobody whatever", .error("WRONGPASS invalid username-password pair or user is disabled."))
    },
    ConformanceCase("without a password AUTH says so") { arm in
      try arm.expect(
        "auth x",
        .error(
          "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"
        ))
      try arm.expect("auth default x", .ok)
      try arm.expect("auth bob x", .error("WRONGPASS invalid username-password pair or user is disabled."))
      try arm.expect("auth a b c", .error("ERR syntax error"))
    },
    ConformanceCase("a password is demanded first", password: "secret") { arm in
      let denied = RESPValue.error("NOAUTH Authentication required.")
      try arm.expect("ping", denied)
      try arm.expect("get x", denied)
      try arm.expect("foo", .error("ERR unknown command 'foo', with args beginning with: "))
      try arm.expect(
        "hello 3",
        .error(
          "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"
        ))
      try arm.expect("auth wrong", .error("WRONGPASS invalid username-password pair or user is disabled."))
      try arm.expect("auth secret", .ok)
      try arm.expect("ping", .simple("PONG"))
      try arm.expect("reset", .simple("RESET"))
      try arm.expect("ping", denied)
      #expect(try arm.ask("hello 3 auth default secret")?.integer == nil)
      try arm.expect("get x", .null)
    },
    ConformanceCase("long requests need authentication", password: "secret") { arm in
      try arm.send(Array("*11\r\n".utf8), on: 0)
      try arm.expectMessage(.error("ERR Protocol error: unauthenticated multibulk length"), on: 0)
      #expect(try arm.hasEnded(0))
      let second = try arm.open()
      try arm.send(Array("*2\r\n$4\r\nAUTH\r\n$16385\r\n".utf8), on: second)
      try arm.expectMessage(.error("ERR Protocol error: unauthenticated bulk length"), on: second)
    },
    ConformanceCase("databases are apart") { arm in
      try arm.expect("set k zero", .ok)
      try arm.expect("select 1", .ok)
      try arm.expect("get k", .null)
      try arm.expect("set k one", .ok)
      try arm.expect("select 0", .ok)
      try arm.expect("get k", .bulk("zero"))
      try arm.expect("swapdb 0 1", .ok)
      try arm.expect("get k", .bulk("one"))
      try arm.expect("select 16", .error("ERR DB index is out of range"))
      try arm.expect("select -1", .error("ERR DB index is out of range"))
      try arm.expect("select x", .error("ERR value is not an integer or out of range"))
      try arm.expect(
        "select 99999999999", .error("ERR value is out of range, value must between -2147483648 and 2147483647"))
      try arm.expect("swapdb x 1", .error("ERR invalid first DB index"))
      try arm.expect("swapdb 1 x", .error("ERR invalid second DB index"))
      try arm.expect("swapdb 1 16", .error("ERR DB index is out of range"))
    },
    ConformanceCase("RESET brings the connection back to its beginning") { arm in
      _ = try arm.ask("hello 3")
      try arm.expect("client setname me", .ok)
      try arm.expect("select 2", .ok)
      try arm.expect("multi", .ok)
      try arm.expect("reset", .simple("RESET"))
      try arm.expect("client getname", .null)
      try arm.expect("set k v", .ok)
      try arm.expect("exec", .error("ERR EXEC without MULTI"))
      try arm.expect("select 0", .ok)
      try arm.expect("get k", .bulk("v"))
    },
    ConformanceCase("QUIT is acknowledged, then the connection ends") { arm in
      try arm.expect("quit", .ok)
      #expect(try arm.hasEnded(0))
    },
    ConformanceCase("clients have names, ids and can be killed") { arm in
      let other = try arm.open()
      try arm.expect("client getname", .null)
      try arm.expect("client setname bob", .ok)
      try arm.expect("client getname", .bulk("bob"))
      try arm.expect(
        "client setname a~b", .error("ERR Client names cannot contain spaces, newlines or special characters."))
      try arm.expect("client setname ''", .ok)
      try arm.expect("client getname", .null)
      let id = try #require(try arm.ask("client id", on: other)?.integer)
      let own = try #require(try arm.ask("client id")?.integer)
      #expect(own < id)
      try arm.expect("client kill id 9999", .integer(0))
      try arm.expect("client kill id x", .error("ERR client-id should be greater than 0"))
      try arm.expect("client kill 1.2.3.4:5", .error("ERR No such client"))
      try arm.expect("client kill id \(own)", .integer(0))
      try arm.expect("client kill type foo", .error("ERR Unknown client type 'foo'"))
      try arm.expect("client kill foo bar", .error("ERR syntax error"))
      try arm.expect("client kill id \(id)", .integer(1))
      #expect(try arm.hasEnded(other))
      try arm.expect("client no-evict on", .ok)
      try arm.expect("client no-evict x", .error("ERR syntax error"))
      try arm.expect("client setinfo lib-name x", .error("ERR unknown subcommand 'setinfo'. Try CLIENT HELP."))
    },
    ConformanceCase("CLIENT LIST shows who is there") { arm in
      let other = try arm.open()
      let id = try #require(try arm.ask("client id", on: other)?.integer)
      try arm.expect("client setname bob", .ok, on: other)
      try arm.expect("select 3", .ok, on: other)
      let line = try #require(try arm.ask("client list id \(id)")?.text)
      for field in ["id=\(id) ", " name=bob ", " db=3 ", " flags=N ", " sub=0 ", " multi=-1 ", " resp=2"] {
        #expect(line.contains(field), "\(field) in \(line)")
      }
      #expect(try arm.ask("client list")?.text?.split(separator: "\n").count == 2)
      #expect(try arm.ask("client list type pubsub")?.text == "")
      #expect(try arm.ask("client info")?.text?.contains(" cmd=client|info ") == true)
    },
    ConformanceCase("small answers: ECHO, PING, TIME, WAIT, INFO, CONFIG GET, COMMAND") { arm in
      try arm.expect("echo hello", .bulk("hello"))
      try arm.expect("ping there", .bulk("there"))
      try arm.expect("wait 0 0", .integer(0))
      try arm.expect("wait x 0", .error("ERR value is not an integer or out of range"))
      try arm.expect("wait 0 x", .error("ERR timeout is not an integer or out of range"))
      try arm.expect("wait 0 -1", .error("ERR timeout is negative"))
      #expect(try arm.serverTime() > 1_600_000_000_000)
      try arm.expect("info nosuchsection", .bulk(""))
      #expect(try arm.ask("info server")?.text?.hasPrefix("# Server\r\nredis_version:7.0.15\r\n") == true)
      try arm.expect("config get databases", .array([.bulk("databases"), .bulk("16")]))
      try arm.expect("config get appendonl?", .array([.bulk("appendonly"), .bulk("no")]))
      try arm.expect("config get nothing", .array([]))
      _ = try arm.ask("hello 3")
      try arm.expect("config get DATABASES", .map([RESPMapEntry(.bulk("DATABASES"), .bulk("16"))]))
      try arm.expect("config get DATA*", .map([RESPMapEntry(.bulk("databases"), .bulk("16"))]))
      try arm.expect("info nosuchsection", .verbatim(format: "txt", text: []))
      try arm.expect("command info nosuch", .array([.null]))
      try arm.expect("command foo", .error("ERR unknown subcommand 'foo'. Try COMMAND HELP."))
    },
  ]
}

import StreamSpaceProtocol
import Testing

private func message(_ words: String..., count: Int64? = nil) -> [RESPValue] {
  words.map { .bulk($0) } + (count.map { [.integer($0)] } ?? [])
}

extension ConformanceCase {
  static let pubSubCases: [ConformanceCase] = [
    ConformanceCase("subscriptions are confirmed one by one") { arm in
      try arm.send(["subscribe", "a", "b", "a"])
      try arm.expectMessage(.array(message("subscribe", "a", count: 1)), on: 0)
      try arm.expectMessage(.array(message("subscribe", "b", count: 2)), on: 0)
      try arm.expectMessage(.array(message("subscribe", "a", count: 2)), on: 0)
      try arm.expect("psubscribe a*", .array(message("psubscribe", "a*", count: 3)))
      try arm.expect("unsubscribe x", .array(message("unsubscribe", "x", count: 3)))
      try arm.expect("unsubscribe b", .array(message("unsubscribe", "b", count: 2)))
      try arm.expect("punsubscribe", .array(message("punsubscribe", "a*", count: 1)))
      try arm.expect("punsubscribe", .array([.bulk("punsubscribe"), .null, .integer(1)]))
      try arm.expect("unsubscribe", .array(message("unsubscribe", "a", count: 0)))
      try arm.expect("unsubscribe", .array([.bulk("unsubscribe"), .null, .integer(0)]))
      try arm.expect("ping", .simple("PONG"))
    },
    ConformanceCase("a message reaches channels before patterns, and every match counts") { arm in
      let publisher = try arm.open()
      try arm.send(["psubscribe", "news:*", "*"])
      _ = try arm.receive(on: 0)
      _ = try arm.receive(on: 0)
      try arm.expect("subscribe news:1", .array(message("subscribe", "news:1", count: 3)))
      try arm.expect("publish news:1 hello", .integer(3), on: publisher)
      try arm.expectMessage(.array(message("message", "news:1", "hello")), on: 0)
      var patterns: Set<RESPValue> = []
      for _ in 0..<2 { patterns.insert(try #require(try arm.receive(on: 0))) }
      #expect(
        patterns == [
          .array(message("pmessage", "news:*", "news:1", "hello")), .array(message("pmessage", "*", "news:1", "hello")),
        ])
      try arm.expect("publish other x", .integer(1), on: publisher)
      try arm.expectMessage(.array(message("pmessage", "*", "other", "x")), on: 0)
    },
    ConformanceCase("nobody subscribed: 0 receivers, and the message is lost") { arm in
      try arm.expect("publish pod:a:commands x", .integer(0))
      try arm.expect("subscribe pod:a:commands", .array(message("subscribe", "pod:a:commands", count: 1)))
      try arm.expect("ping", .array([.bulk("pong"), .bulk("")]))
    },
    ConformanceCase("in RESP2 a subscriber may only do what belongs to it") { arm in
      try arm.expect("subscribe c", .array(message("subscribe", "c", count: 1)))
      let rest =
        "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
      try arm.expect("get k", .error("ERR Can't execute 'get': \(rest)"))
      try arm.expect("client id", .error("ERR Can't execute 'client|id': \(rest)"))
      try arm.expect("multi", .error("ERR Can't execute 'multi': \(rest)"))
      try arm.expect("ping", .array([.bulk("pong"), .bulk("")]))
      try arm.expect("ping hi", .array([.bulk("pong"), .bulk("hi")]))
      try arm.expect("reset", .simple("RESET"))
      try arm.expect("get k", .null)
      try arm.expect("publish c x", .integer(0))
    },
    ConformanceCase("in RESP3 messages are pushes and all commands stay legal") { arm in
      _ = try arm.ask("hello 3")
      try arm.expect("subscribe c", .push(message("subscribe", "c", count: 1)))
      try arm.expect("get k", .null)
      try arm.expect("ping", .simple("PONG"))
      try arm.send(["publish", "c", "own"])
      try arm.expectMessage(.push(message("message", "c", "own")), on: 0)
      try arm.expectMessage(.integer(1), on: 0)
      try arm.expect("unsubscribe", .push(message("unsubscribe", "c", count: 0)))
    },
    ConformanceCase("channels know no database and survive FLUSHALL") { arm in
      let publisher = try arm.open()
      try arm.expect("subscribe c", .array(message("subscribe", "c", count: 1)))
      try arm.expect("select 1", .ok, on: publisher)
      try arm.expect("flushall", .ok, on: publisher)
      try arm.expect("publish c x", .integer(1), on: publisher)
      try arm.expectMessage(.array(message("message", "c", "x")), on: 0)
    },
    ConformanceCase("PUBSUB tells who listens") { arm in
      let other = try arm.open()
      try arm.send(["subscribe", "b", "a"], on: other)
      _ = try arm.receive(on: other)
      _ = try arm.receive(on: other)
      try arm.expect("psubscribe x*", .array(message("psubscribe", "x*", count: 3)), on: other)
      let channels = try #require(try arm.ask("pubsub channels")?.elements).compactMap(\.text)
      #expect(channels.sorted() == ["a", "b"])
      try arm.expect("pubsub channels a*", .array([.bulk("a")]))
      try arm.expect("pubsub numsub", .array([]))
      try arm.expect("pubsub numsub a z", .array([.bulk("a"), .integer(1), .bulk("z"), .integer(0)]))
      try arm.expect("pubsub numpat", .integer(1))
      try arm.expect("pubsub foo", .error("ERR unknown subcommand 'foo'. Try PUBSUB HELP."))
      try arm.expect("pubsub numpat x", .error("ERR wrong number of arguments for 'pubsub|numpat' command"))
      try arm.expect("quit", .ok, on: other)
      #expect(try arm.hasEnded(other))
      try arm.expect("publish a x", .integer(0))
      try arm.expect("pubsub numpat", .integer(0))
    },
  ]

  static let transactionCases: [ConformanceCase] = [
    ConformanceCase("a transaction runs at EXEC") { arm in
      let other = try arm.open()
      try arm.expect("multi", .ok)
      try arm.expect("set k 1", .simple("QUEUED"))
      try arm.expect("incr k", .simple("QUEUED"))
      try arm.expect("sadd k m", .simple("QUEUED"))
      try arm.expect("get missing", .simple("QUEUED"))
      try arm.expect("get k", .null, on: other)
      try arm.expect(
        "exec",
        .array([
          .ok, .integer(2), .error("WRONGTYPE Operation against a key holding the wrong kind of value"), .null,
        ]))
      try arm.expect("get k", .bulk("2"), on: other)
      try arm.expect("multi", .ok)
      try arm.expect("exec", .array([]))
    },
    ConformanceCase("an error while queueing spoils the transaction") { arm in
      try arm.expect("multi", .ok)
      try arm.expect("set k 1", .simple("QUEUED"))
      try arm.expect("get", .error("ERR wrong number of arguments for 'get' command"))
      try arm.expect("exec", .error("EXECABORT Transaction discarded because of previous errors."))
      try arm.expect("get k", .null)
      try arm.expect("multi", .ok)
      #expect(try arm.ask("nosuch")?.errorCode == "ERR")
      try arm.expect("exec", .error("EXECABORT Transaction discarded because of previous errors."))
    },
    ConformanceCase("MULTI, EXEC, DISCARD, WATCH out of place") { arm in
      try arm.expect("exec", .error("ERR EXEC without MULTI"))
      try arm.expect("discard", .error("ERR DISCARD without MULTI"))
      try arm.expect("multi", .ok)
      try arm.expect("multi", .error("ERR MULTI calls can not be nested"))
      try arm.expect("watch k", .error("ERR WATCH inside MULTI is not allowed"))
      try arm.expect("set k 1", .simple("QUEUED"))
      try arm.expect("discard", .ok)
      try arm.expect("get k", .null)
      try arm.expect("unwatch", .ok)
    },
    ConformanceCase("a watched key that changed makes EXEC answer nil") { arm in
      let other = try arm.open()
      for change in [
        "set k 2", "del k", "expire k 100", "incr k", "flushall", "expire k 0", "select 0", "getdel k",
      ] {
        try arm.expect("set k 1", .ok)
        try arm.expect("watch k", .ok)
        _ = try arm.ask(change, on: other)
        try arm.expect("multi", .ok)
        try arm.expect("set mine 1", .simple("QUEUED"))
        try arm.expect("exec", change == "select 0" ? .array([.ok]) : .nullArray)
      }
      try arm.expect("watch k", .ok)
      try arm.expect("set k other", .ok, on: other)
      try arm.expect("unwatch", .ok)
      try arm.expect("multi", .ok)
      try arm.expect("exec", .array([]))
      _ = try arm.ask("hello 3")
      try arm.expect("watch k", .ok)
      try arm.expect("set k own", .ok)
      try arm.expect("multi", .ok)
      try arm.expect("exec", .null)
    },
    ConformanceCase("a watched key that expired is a change, one that had expired before is not") { arm in
      try arm.expect("set k v px 150", .ok)
      try arm.expect("watch k", .ok)
      arm.advance(milliseconds: 200)
      try arm.expect("multi", .ok)
      try arm.expect("exec", .nullArray)
      let other = try arm.open()
      try arm.expect("set k v px 30", .ok)
      arm.advance(milliseconds: 35)
      try arm.expect("watch k", .ok)
      try arm.expect("get k", .null, on: other)
      try arm.expect("multi", .ok)
      try arm.expect("exec", .array([]))
    },
    ConformanceCase("a compare-and-set on two keys by WATCH and MULTI") { arm in
      try arm.expect("watch agent:a:pod", .ok)
      try arm.expect("get agent:a:pod", .null)
      try arm.expect("multi", .ok)
      try arm.expect("set agent:a:pod api-1 ex 300", .simple("QUEUED"))
      try arm.expect("set agent:a:connected true ex 300", .simple("QUEUED"))
      try arm.expect("publish pod:api-1:commands x", .simple("QUEUED"))
      try arm.expect("exec", .array([.ok, .ok, .integer(0)]))
      try arm.expect("mget agent:a:pod agent:a:connected", .array([.bulk("api-1"), .bulk("true")]))
    },
  ]
}

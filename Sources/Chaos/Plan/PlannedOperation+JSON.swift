import StreamSpaceProtocol

extension PlannedOperation {
  var planJSON: JSONObject {
    var object = JSONObject()
    object.add("at", SpanText.text(of: at))
    object.add("user", user)
    object.add("verb", verb.name)
    object.addIfPresent("session", verb.session)
    object.addIfPresent("replica", replica)
    return object
  }

  init(_ reader: PlanReader) throws(ChaosPlanError) {
    try reader.allow(["at", "user", "verb", "session", "replica"])
    let name = try reader.text("verb")
    let session = reader.has("session") ? try reader.number("session", in: 0...999) : nil
    guard let verb = Verb(name, session: session) else {
      throw ChaosPlanError(
        reader.field("verb"), "'\(name)' \(session == nil ? "without" : "with") a session is no operation")
    }
    self.init(
      at: try reader.span("at"), user: try reader.number("user", in: 0...98), verb,
      replica: reader.has("replica") ? try reader.number("replica", in: 0...19) : nil)
  }
}

extension PlannedOperation.Verb {
  /// `create`, `stop`, …
  public var name: String {
    switch self {
    case .create: "create"
    case .stop: "stop"
    case .hibernate: "hibernate"
    case .wake: "wake"
    case .get: "get"
    case .list: "list"
    case .view: "view"
    }
  }

  /// The session it is about, by its place.
  public var session: Int? {
    switch self {
    case .create, .list: nil
    case .stop(let place), .hibernate(let place), .wake(let place), .get(let place), .view(let place): place
    }
  }

  init?(_ name: String, session: Int?) {
    switch (name, session) {
    case ("create", nil): self = .create
    case ("list", nil): self = .list
    case ("stop", let place?): self = .stop(place)
    case ("hibernate", let place?): self = .hibernate(place)
    case ("wake", let place?): self = .wake(place)
    case ("get", let place?): self = .get(place)
    case ("view", let place?): self = .view(place)
    default: return nil
    }
  }
}

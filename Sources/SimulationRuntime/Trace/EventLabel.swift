/// What an event is, by name. Make each a `static let`, so that its hash is computed once.
public struct EventLabel: Sendable {
  private let literal: StaticString
  let hash: UInt64

  /// `name`: dotted lower-case, for example `hub.register`. A static string, so that labels are plain data.
  public init(_ name: StaticString) {
    literal = name
    var digest = TraceHash()
    digest.mix(name.description)
    hash = digest.value
  }

  public var name: String { literal.description }
}

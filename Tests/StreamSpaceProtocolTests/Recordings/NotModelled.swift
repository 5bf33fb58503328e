import Testing

/// What the recordings hold and the models deliberately do not carry.
struct NotModelled: Sendable, CustomTestStringConvertible {
  let label: String
  let reason: String

  var testDescription: String { label }

  static let table: [NotModelled] = [
    NotModelled(
      label: "answer GET /api/v1/catalog/templates 200",
      reason: "the paged shop window with ratings: no case reads it, sessions are made from GET /api/v1/templates"),
    NotModelled(
      label: "client frame heartbeat with a numeric timestamp",
      reason: "must be refused: a number makes the whole message invalid (spec/01 §1.4)"),
    NotModelled(
      label: "client frame heartbeat without payload",
      reason: "must be refused: the control plane logs it and keeps the connection (spec/07 §2)"),
    NotModelled(
      label: "client frame pong with an empty payload",
      reason: "the captures' client added a payload; neither agent sends one and nobody reads it"),
    NotModelled(
      label: "client text that is no document",
      reason: "`not json`, sent to see that the connection is kept; must be refused"),
    NotModelled(
      label: "server text that is no document",
      reason: "`hello`, published by hand and forwarded verbatim: RoutedCommand.message carries it as text"),
    NotModelled(
      label: "viewer text that is no base64",
      reason: "markers the captures' client put through the relay; VNCChunk(text:) carries them, as no RFB bytes"),
    NotModelled(
      label: "redis publish by hand",
      reason: "`hello` as message: the subscriber takes it, but there is no envelope in it"),
    NotModelled(
      label: "redis publish by hand that is no JSON",
      reason: "`garbage`: the subscriber skips it (spec/01 §2.2)"),
    NotModelled(
      label: "request POST /api/v1/sessions without user",
      reason: "must be refused with the binder's text, see BindingTests"),
    NotModelled(
      label: "fake answer POST /api/v1/agents/register 201",
      reason: "the captures' fake API left `approvalStatus` out; the real one always sends the key"),
    NotModelled(
      label: "fake answer POST /api/v1/agents/register 202",
      reason: "the captures' fake API sent two keys of the agent only"),
  ]

  static func reason(_ label: String) -> String? {
    table.first { $0.label == label }?.reason
  }
}

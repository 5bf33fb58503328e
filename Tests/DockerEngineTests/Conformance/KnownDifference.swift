import Testing

/// A place where the simulator answers otherwise than the real engine, on purpose: docs/docker-differences.md says why.
struct KnownDifference: Sendable, CustomTestStringConvertible {
  let conversation: String
  /// A part of the difference's text.
  let text: String

  var testDescription: String { "\(conversation): \(text)" }

  func covers(_ difference: String, in conversation: Conversation) -> Bool {
    conversation.name == self.conversation && difference.contains(text)
  }

  static let all: [KnownDifference] = []
}

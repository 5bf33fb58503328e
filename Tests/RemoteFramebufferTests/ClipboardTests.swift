import Testing

@testable import RemoteFramebuffer

@Suite("The extended clipboard")
struct ClipboardTests {
  private func parse(_ message: ClipboardMessage, limit: Int) throws -> ClipboardMessage? {
    let sink = ByteSink()
    message.write(to: sink)
    return try ClipboardMessage.parse(sink.take(), limit: limit)
  }

  @Test("messages there and back")
  func roundTrip() throws {
    let long = [UInt8](repeating: 7, count: 200_000)
    for message: ClipboardMessage in [
      .capabilities(flags: 0x1f00_0003, sizes: [0, 1 << 20]), .request(formats: 5), .peek(formats: 0),
      .notify(formats: 1), .provide([.init(text: "a\nb")]),
      .provide([.init(text: ""), .init(format: 2, data: [1, 2]), .init(format: 4, data: long)]),
    ] {
      #expect(try parse(message, limit: 200_000) == message)
    }
  }

  @Test("text has CR LF and a final NUL on its way")
  func text() {
    let content = ClipboardMessage.Content(text: "ä\nb\r\nc")
    #expect(content.data == Array("ä\r\nb\r\nc\0".utf8))
    #expect(content.text == "ä\nb\nc")
    #expect(ClipboardMessage.Content(format: 1, data: [65]).text == nil)
  }

  @Test("a format beyond the limit ends the contents")
  func limit() throws {
    let small = ClipboardMessage.Content(format: 0, data: [UInt8](repeating: 1, count: 10))
    let large = ClipboardMessage.Content(format: 1, data: [UInt8](repeating: 2, count: 11))
    #expect(try parse(.provide([small, large]), limit: 10) == .provide([small]))
    #expect(try parse(.provide([large]), limit: 10) == nil)
    #expect(try parse(.provide([large]), limit: 11) == .provide([large]))
  }

  @Test("contents that break off or are no zlib data are malformed")
  func broken() {
    let sink = ByteSink()
    ClipboardMessage.provide([.init(format: 0, data: [UInt8](repeating: 1, count: 100))]).write(to: sink)
    let whole = sink.take()
    for count in 4..<(whole.count - 6) {
      #expect(throws: RFBError.self) { try ClipboardMessage.parse(Array(whole.prefix(count)), limit: 1000) }
    }
    #expect(throws: RFBError.self) { try ClipboardMessage.parse(bytes("10000001 ffffffffff"), limit: 1000) }
  }

  @Test("both sides talk once it is listed")
  func conversation() {
    var conversation = Conversation(
      ServerConfiguration(width: 4, height: 2, name: "d"),
      ViewerConfiguration(encodings: [.raw, .extendedClipboard]), piece: 3)
    conversation.run()
    #expect(
      conversation.viewerEvents.last
        == .clipboard(.capabilities(flags: ClipboardMessage.allActionsOnText, sizes: [0])))
    let provide = ClipboardMessage.provide([.init(text: "grüß dich")])
    conversation.viewer.clipboard(.notify(formats: ClipboardMessage.text))
    conversation.viewer.clipboard(provide)
    conversation.server.writer.clipboard(.request(formats: ClipboardMessage.text))
    conversation.server.writer.clipboard(provide)
    conversation.run()
    #expect(conversation.messages.suffix(2) == [.clipboard(.notify(formats: 1)), .clipboard(provide)])
    #expect(conversation.viewerEvents.suffix(2) == [.clipboard(.request(formats: 1)), .clipboard(provide)])
  }
}

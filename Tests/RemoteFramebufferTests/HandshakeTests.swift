import Testing

@testable import RemoteFramebuffer

@Suite("The beginning of a connection")
struct HandshakeTests {
  private func configuration(_ security: ServerConfiguration.Security = .none) -> ServerConfiguration {
    ServerConfiguration(
      width: 4, height: 2, name: "desk", security: security, challenge: Array(0..<16))
  }

  private let serverInit = bytes("0004 0002 20180001 00ff00ff00ff 100800 000000 00000004 6465736b")

  @Test("every version with and without a password", arguments: ProtocolVersion.allCases, [false, true])
  func matrix(version: ProtocolVersion, hasPassword: Bool) {
    for piece in [1, 3, Int.max] {
      var conversation = Conversation(
        configuration(hasPassword ? .passwords(full: "secret", viewOnly: "look") : .none),
        ViewerConfiguration(highestVersion: version, password: "secret", isShared: piece == 1, encodings: []),
        piece: piece)
      conversation.run()
      #expect(
        conversation.viewerEvents == [
          .version(version), .security(hasPassword ? 2 : 1), .ready(width: 4, height: 2, name: "desk"),
        ])
      #expect(conversation.serverEvents == [.ready(isShared: piece == 1)])
      #expect(!conversation.server.isViewOnly)
      let line = "RFB 003.008\n".utf8
      let challenge = bytes("000102030405060708090a0b0c0d0e0f")
      let expected: [UInt8]
      switch (version, hasPassword) {
      case (.v33, false): expected = [0, 0, 0, 1]
      case (.v33, true): expected = [0, 0, 0, 2] + challenge + [0, 0, 0, 0]
      case (.v37, false): expected = [1, 1]
      case (.v37, true): expected = [1, 2] + challenge + [0, 0, 0, 0]
      case (.v38, false): expected = [1, 1, 0, 0, 0, 0]
      case (.v38, true): expected = [1, 2] + challenge + [0, 0, 0, 0]
      }
      #expect(conversation.fromServer == line + expected + serverInit)
    }
  }

  @Test("a wrong password is answered with a reason in 3.8 only", arguments: ProtocolVersion.allCases)
  func wrongPassword(version: ProtocolVersion) {
    var conversation = Conversation(
      configuration(.passwords(full: "secret", viewOnly: nil)),
      ViewerConfiguration(highestVersion: version, password: "wrong"))
    conversation.run()
    #expect(conversation.serverEvents == [.failed(.authenticationFailed(reason: "Authentication failure"))])
    let reason = version == .v38 ? "Authentication failure" : ""
    #expect(conversation.viewerEvents.last == .failed(.authenticationFailed(reason: reason)))
    let tail = version == .v38 ? bytes("00000001 00000016") + "Authentication failure".utf8 : bytes("00000001")
    #expect(Array(conversation.fromServer.suffix(tail.count)) == tail)
    #expect(conversation.server.receive([1]) == [])
  }

  @Test("the second password only lets look")
  func viewOnly() {
    var conversation = Conversation(
      configuration(.passwords(full: "secret", viewOnly: "look")), ViewerConfiguration(password: "look"))
    conversation.run()
    conversation.viewer.key(isDown: true, keysym: 0x61)
    conversation.viewer.pointer(buttons: 1, x: 1, y: 1)
    conversation.viewer.cutText([65])
    conversation.viewer.requestUpdate(isIncremental: false)
    conversation.run()
    #expect(conversation.server.isViewOnly)
    #expect(
      conversation.messages == [
        .setEncodings(conversation.viewer.configuration.encodings),
        .updateRequest(isIncremental: false, Rectangle(x: 0, y: 0, width: 4, height: 2)),
      ])
  }

  @Test("a refusal names its reason", arguments: ProtocolVersion.allCases)
  func refusal(version: ProtocolVersion) {
    var conversation = Conversation(
      configuration(.refused(reason: "full")), ViewerConfiguration(highestVersion: version))
    conversation.run()
    #expect(conversation.viewerEvents.last == .failed(.refused(reason: "full")))
    #expect(conversation.serverEvents == [.failed(.refused(reason: "full"))])
    let tail = (version == .v33 ? bytes("00000000") : [0]) + bytes("00000004") + "full".utf8
    #expect(Array(conversation.fromServer.dropFirst(12)) == tail)
  }

  @Test("a peer that is throttled is refused before it speaks")
  func throttled() {
    let refusal = ServerSession.refusal(reason: "Too many security failures")
    #expect(refusal == Array("RFB 003.003\n".utf8) + bytes("00000000 0000001a") + "Too many security failures".utf8)
    #expect(
      ViewerSession().receive(refusal) == [.version(.v33), .failed(.refused(reason: "Too many security failures"))])
  }

  @Test(
    "minor versions fall into three",
    arguments: [
      (0, ProtocolVersion.v33), (3, .v33), (5, .v33), (6, .v33), (7, .v37), (8, .v38), (9, .v38), (889, .v38),
    ])
  func minors(minor: Int, version: ProtocolVersion) {
    let server = ServerSession(configuration())
    let digits = String(minor)
    let line = "RFB 003." + String(repeating: "0", count: 3 - digits.count) + digits + "\n"
    #expect(server.receive(Array(line.utf8)) == [])
    #expect(server.version == version)
  }

  @Test("another major version is answered with a reason")
  func major() {
    let server = ServerSession(configuration())
    _ = server.takeOutput()
    #expect(server.receive(Array("RFB 004.001\n".utf8)) == [.failed(.unsupportedVersion(major: 4, minor: 1))])
    let output = server.takeOutput()
    #expect(output.first == 0)
    #expect(output.count == 5 + Int(output[4]))
    #expect(String(decoding: output.dropFirst(5), as: UTF8.self).contains("4.1"))
  }

  @Test(
    "what is no version line is not answered",
    arguments: [
      "GET / HTTP/1.1\r\n", "RFB 003.008\r", "RFB 03.0080\n", "rfb 003.008\n", "RFB 003 008\n", "RFB 0x3.008\n",
    ])
  func noVersion(text: String) {
    let server = ServerSession(configuration())
    _ = server.takeOutput()
    #expect(server.receive(Array(text.utf8)) == [.failed(.badVersion(Array(text.utf8.prefix(12))))])
    #expect(server.takeOutput() == [])
  }

  @Test("a security type that was not offered is not answered", arguments: [0, 1, 2, 16, 255] as [UInt8])
  func unofferedType(type: UInt8) {
    for hasPassword in [false, true] where type != (hasPassword ? 2 : 1) {
      let server = ServerSession(configuration(hasPassword ? .passwords(full: "a", viewOnly: nil) : .none))
      _ = server.receive(Array("RFB 003.008\n".utf8))
      _ = server.takeOutput()
      #expect(server.receive([type]) == [.failed(.unofferedSecurityType(type))])
      #expect(server.takeOutput() == [])
    }
  }

  @Test("a viewer takes the first type that it can use")
  func choice() {
    let line = Array("RFB 003.008\n".utf8)
    #expect(ViewerSession().receive(line + [3, 19, 2, 1]) == [.version(.v38), .security(1)])
    #expect(
      ViewerSession(ViewerConfiguration(password: "a")).receive(line + [3, 19, 2, 1]) == [.version(.v38), .security(2)])
    #expect(ViewerSession().receive(line + [2, 19, 2]) == [.version(.v38), .failed(.noUsableSecurityType([19, 2]))])
  }

  @Test("a viewer does not hold a screen larger than its limit")
  func size() {
    let head = Array("RFB 003.003\n".utf8) + [0, 0, 0, 1]
    let format = bytes("20180001 00ff00ff00ff 100800 000000")
    for (size, isGood) in [("0001 0001", true), ("0000 0001", false), ("4001 0001", false), ("4000 4000", false)] {
      let events = ViewerSession().receive(head + bytes(size) + format + [0, 0, 0, 0])
      let isReady = if case .ready = events.last { true } else { false }
      #expect(isReady == isGood)
    }
    let long = head + bytes("0001 0001") + format + bytes("00100001")
    #expect(
      ViewerSession().receive(long).last == .failed(.lengthTooLarge("name", 1_048_577, limit: RFBLimits.text)))
  }
}

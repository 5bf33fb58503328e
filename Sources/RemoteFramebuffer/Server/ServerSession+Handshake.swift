extension ServerSession {
  func readVersion() throws(RFBError) -> Bool {
    let count = ProtocolVersion.lineSize
    guard input.count >= count else { return false }
    let line = input.copy(count)
    input.consume(count)
    guard let (major, minor) = ProtocolVersion.parse(line) else { throw .badVersion(line) }
    guard major == 3 else {
      writer.sink.uint8(0)
      writer.sink.text("The client asked for protocol version \(major).\(minor), this server speaks 3.3 to 3.8")
      throw .unsupportedVersion(major: major, minor: minor)
    }
    let version = ProtocolVersion(minor: minor)
    self.version = version
    try offerSecurity(version)
    return true
  }

  private func offerSecurity(_ version: ProtocolVersion) throws(RFBError) {
    let sink = writer.sink
    let type: UInt8
    switch configuration.security {
    case .refused(let reason):
      if version == .v33 { sink.uint32(0) } else { sink.uint8(0) }
      sink.text(reason)
      throw .refused(reason: reason)
    case .none: type = SecurityType.none
    case .passwords: type = SecurityType.vncAuthentication
    }
    if version == .v33 {
      // The server alone decides.
      sink.uint32(UInt32(type))
      begin(type)
    } else {
      sink.uint8(1)
      sink.uint8(type)
      phase = .security
    }
  }

  func readSecurityType() throws(RFBError) -> Bool {
    guard input.count >= 1 else { return false }
    let type = input.uint8(at: 0)
    input.consume(1)
    let offered = configuration.security == .none ? SecurityType.none : SecurityType.vncAuthentication
    guard type == offered else { throw .unofferedSecurityType(type) }
    begin(type)
    return true
  }

  private func begin(_ type: UInt8) {
    if type == SecurityType.vncAuthentication {
      writer.sink.append(configuration.challenge)
      phase = .response
    } else {
      if version == .v38 { writer.sink.uint32(0) }
      phase = .clientInit
    }
  }

  func readResponse() throws(RFBError) -> Bool {
    guard input.count >= VNCAuthentication.count else { return false }
    let response = input.copy(VNCAuthentication.count)
    input.consume(VNCAuthentication.count)
    guard case .passwords(let full, let viewOnly) = configuration.security else { return false }
    let challenge = configuration.challenge
    if VNCAuthentication.accepts(response, to: challenge, password: full) {
      isViewOnly = false
    } else if let viewOnly, VNCAuthentication.accepts(response, to: challenge, password: viewOnly) {
      isViewOnly = true
    } else {
      let reason = "Authentication failure"
      writer.sink.uint32(1)
      if version == .v38 { writer.sink.text(reason) }
      throw .authenticationFailed(reason: reason)
    }
    writer.sink.uint32(0)
    phase = .clientInit
    return true
  }

  func readClientInit(_ events: inout [Event]) -> Bool {
    guard input.count >= 1 else { return false }
    let isShared = input.uint8(at: 0) != 0
    input.consume(1)
    let sink = writer.sink
    sink.uint16(configuration.width)
    sink.uint16(configuration.height)
    configuration.format.write(to: sink)
    sink.text(configuration.name)
    phase = .normal
    isReady = true
    events.append(.ready(isShared: isShared))
    return true
  }
}

extension ProtocolVersion {
  /// Bytes of a version line.
  static let lineSize = 12

  /// Major and minor number of an `RFB ddd.ddd` line; nil when it is none.
  static func parse(_ line: [UInt8]) -> (major: Int, minor: Int)? {
    guard line.count == lineSize, line.starts(with: Array("RFB ".utf8)), line[7] == UInt8(ascii: "."), line[11] == 10
    else { return nil }
    var numbers = [0, 0]
    for (place, index) in [(0, 4), (0, 5), (0, 6), (1, 8), (1, 9), (1, 10)] {
      guard (48...57).contains(line[index]) else { return nil }
      numbers[place] = numbers[place] * 10 + Int(line[index]) - 48
    }
    return (numbers[0], numbers[1])
  }
}

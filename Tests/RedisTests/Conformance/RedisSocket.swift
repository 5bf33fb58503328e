import Foundation
import StreamSpaceProtocol

/// A blocking client socket on loopback.
final class RedisSocket {
  struct Failure: Error {
    let call: String
    let number: Int32
  }

  private let descriptor: Int32
  private var decoder = RESPReplyDecoder()
  private var hasEnded = false

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", number: errno) }
    var address = Self.loopback(port)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      let number = errno
      Glibc.close(descriptor)
      throw Failure(call: "connect", number: number)
    }
    setReceiveTimeout(seconds: 5)
  }

  /// A port nobody listens on at this moment.
  static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
      }
    }
    guard result == 0 else { throw Failure(call: "bind", number: errno) }
    return UInt16(bigEndian: address.sin_port)
  }

  func write(_ bytes: [UInt8]) throws {
    var start = 0
    while start < bytes.count {
      let sent = bytes[start...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { throw Failure(call: "send", number: errno) }
      start += sent
    }
  }

  /// The next reply; nil when none comes in time or the connection has ended.
  func receive() throws -> RESPValue? {
    while true {
      if let value = try decoder.next() { return value }
      guard try read() else { return nil }
    }
  }

  /// Whether the peer ends the connection within a while.
  func waitForEnd() throws -> Bool {
    setReceiveTimeout(seconds: 5)
    while !hasEnded, try read() {}
    return hasEnded
  }

  func close() { Glibc.close(descriptor) }

  /// Reads once; false at a time-out or the end.
  private func read() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 {
      decoder.append(buffer[..<count])
      return true
    }
    if count == 0 || errno == ECONNRESET { hasEnded = true }
    return false
  }

  private func setReceiveTimeout(seconds: Int) {
    var timeout = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
    return address
  }
}

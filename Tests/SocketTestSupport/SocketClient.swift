import Foundation
import Glibc

/// A plain blocking client, so that a test decides which bytes go out and when.
///
/// Unchecked: one thread may send while another reads; they share the descriptor only.
package final class SocketClient: @unchecked Sendable {
  package struct Failure: Error {
    let call: String
    let number: Int32
  }

  /// How a connection has ended.
  package enum End { case orderly, reset, none }

  package let descriptor: Int32
  private var isClosed = false
  /// Received and not taken yet.
  package private(set) var buffer: [UInt8] = []
  package private(set) var end = End.none

  package init(port: Int, receiveBuffer: Int32? = nil) throws {
    descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", number: errno) }
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let outcome = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try begin(outcome)
  }

  package init(path: String) throws {
    descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", number: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let outcome = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try begin(outcome)
  }

  private func begin(_ outcome: Int32) throws {
    guard outcome == 0 else {
      let number = errno
      Glibc.close(descriptor)
      isClosed = true
      throw Failure(call: "connect", number: number)
    }
    setTimeout(seconds: 10)
  }

  deinit { close() }

  package func setTimeout(seconds: Double) {
    var timeout = timeval(tv_sec: Int(seconds), tv_usec: Int((seconds - Double(Int(seconds))) * 1e6))
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  package func close() {
    guard !isClosed else { return }
    isClosed = true
    Glibc.close(descriptor)
  }

  /// Ends the sending half.
  package func finishSending() { Glibc.shutdown(descriptor, Int32(SHUT_WR)) }

  /// Sends everything; false when the other side does not take it (any more).
  @discardableResult
  package func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Reads once; false at the end or after the time-out.
  @discardableResult
  package func read(_ most: Int = 65_536) -> Bool {
    var chunk = [UInt8](repeating: 0, count: most)
    let count = Glibc.recv(descriptor, &chunk, chunk.count, 0)
    if count > 0 {
      buffer += chunk[..<count]
      return true
    }
    if count == 0 { end = .orderly } else if errno == ECONNRESET { end = .reset }
    return false
  }

  /// The next `count` bytes; fewer if the connection ends before.
  package func take(_ count: Int) -> [UInt8] {
    while buffer.count < count, read() {}
    defer { buffer.removeFirst(min(count, buffer.count)) }
    return Array(buffer.prefix(count))
  }

  /// Everything up to the end.
  package func takeAll() -> [UInt8] {
    while read() {}
    defer { buffer = [] }
    return buffer
  }

  /// Up to and with `mark`.
  package func take(through mark: String) -> String {
    let wanted = Array(mark.utf8)
    var searched = 0
    while true {
      if buffer.count >= wanted.count {
        for start in max(0, searched)...(buffer.count - wanted.count)
        where Array(buffer[start..<start + wanted.count]) == wanted {
          defer { buffer.removeFirst(start + wanted.count) }
          return String(decoding: buffer[..<(start + wanted.count)], as: UTF8.self)
        }
        searched = buffer.count - wanted.count
      }
      guard read() else { return String(decoding: takeAll(), as: UTF8.self) }
    }
  }

  /// How the connection ends, what comes before thrown away.
  package func waitForEnd() -> End {
    while read() { buffer = [] }
    return end
  }
}

/// An answer as it stood on the wire.
package struct SocketAnswer {
  package let status: Int
  package let head: String
  package let body: [UInt8]

  package var text: String { String(decoding: body, as: UTF8.self) }

  /// The value of a field; nil without it.
  package func header(_ name: String) -> String? {
    for line in head.split(separator: "\r\n").dropFirst() {
      let halves = line.split(separator: ":", maxSplits: 1)
      if halves.count == 2, halves[0].lowercased() == name.lowercased() {
        return halves[1].trimmingCharacters(in: .whitespaces)
      }
    }
    return nil
  }
}

extension SocketClient {
  /// The next answer, its body by its length or its chunks.
  package func answer(toHead: Bool = false) -> SocketAnswer {
    let head = take(through: "\r\n\r\n")
    let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
    let bare = SocketAnswer(status: status, head: head, body: [])
    if toHead || status == 204 || status == 304 || (100..<200).contains(status) { return bare }
    if let length = bare.header("content-length").flatMap({ Int($0) }) {
      return SocketAnswer(status: status, head: head, body: take(length))
    }
    guard bare.header("transfer-encoding") == "chunked" else {
      return SocketAnswer(status: status, head: head, body: takeAll())
    }
    var body: [UInt8] = []
    while true {
      let line = take(through: "\r\n")
      let size = Int(line.trimmingCharacters(in: .whitespacesAndNewlines), radix: 16) ?? 0
      body += take(size)
      _ = take(through: "\r\n")
      if size == 0 { return SocketAnswer(status: status, head: head, body: body) }
    }
  }

  /// One request and its answer.
  package func ask(_ method: String, _ target: String, _ fields: String = "", body: String = "") -> SocketAnswer {
    send("\(method) \(target) HTTP/1.1\r\nHost: x\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    return answer(toHead: method == "HEAD")
  }
}

/// Asks again until `body` says yes; false when `seconds` passed first.
package func soon(within seconds: Double = 10, _ body: () throws -> Bool) rethrows -> Bool {
  let end = Date(timeIntervalSinceNow: seconds)
  while true {
    if try body() { return true }
    if Date() > end { return false }
    usleep(5_000)
  }
}

import Foundation
import StreamSpaceProtocol

/// A blocking HTTP/1.1 client on a Unix socket: one connection for each request.
struct UnixSocketClient {
  struct Failure: Error {
    let call: String
    let number: Int32
  }

  let path: String

  /// Sends a request and reads the whole answer.
  func exchange(_ request: HTTPRequest) throws -> HTTPResponse {
    let descriptor = try open()
    defer { close(descriptor) }
    try write(request, to: descriptor)
    var bytes: [UInt8] = []
    while let more = try read(descriptor) { bytes += more }
    return try Self.parse(bytes)
  }

  /// Opens a connection; the caller closes it.
  func open() throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", number: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { buffer in
      for (index, byte) in path.utf8.prefix(buffer.count - 1).enumerated() { buffer[index] = byte }
    }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      let number = errno
      close(descriptor)
      throw Failure(call: "connect", number: number)
    }
    var timeout = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    return descriptor
  }

  func write(_ request: HTTPRequest, to descriptor: Int32) throws {
    let body = request.body.bytes
    var head = "\(request.method.rawValue) \(request.target) HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n"
    for field in request.headers.fields { head += "\(field.name): \(field.value)\r\n" }
    head += "Content-Length: \(body.count)\r\n\r\n"
    let bytes = Array(head.utf8) + body
    var start = 0
    while start < bytes.count {
      let sent = bytes[start...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { throw Failure(call: "send", number: errno) }
      start += sent
    }
  }

  /// Reads once; nil at the end or when nothing comes in time.
  func read(_ descriptor: Int32) throws -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  static func parse(_ bytes: [UInt8]) throws -> HTTPResponse {
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) }) else {
      throw Failure(call: "parse", number: 0)
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    let words = (lines.first ?? "").split(separator: " ")
    var headers = HTTPHeaders()
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers.add(String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    let raw = Array(bytes[(end + 4)...])
    let body = headers["Transfer-Encoding"] == "chunked" ? unchunked(raw).body : raw
    return HTTPResponse(
      HTTPStatus(rawValue: words.count > 1 ? Int(words[1]) ?? 0 : 0), headers: headers,
      body: body.isEmpty ? .empty : .bytes(body))
  }

  /// Decodes complete chunks; `rest` is what follows the last of them.
  static func unchunked(_ bytes: [UInt8]) -> (body: [UInt8], rest: [UInt8]) {
    var body: [UInt8] = []
    var position = 0
    while let lineEnd = bytes[position...].indices.first(where: { bytes[$0...].starts(with: [13, 10]) }) {
      guard let size = Int(String(decoding: bytes[position..<lineEnd], as: UTF8.self), radix: 16), size > 0,
        lineEnd + 2 + size + 2 <= bytes.count
      else { break }
      body += bytes[(lineEnd + 2)..<(lineEnd + 2 + size)]
      position = lineEnd + 2 + size + 2
    }
    return (body, Array(bytes[position...]))
  }
}

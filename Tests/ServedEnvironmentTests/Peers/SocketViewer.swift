import Foundation

@testable import RemoteFramebuffer

/// Our own viewer on a real socket, for tests.
final class SocketViewer {
  let session: ViewerSession
  private let descriptor: Int32

  init(port: Int, _ configuration: ViewerConfiguration = ViewerConfiguration()) throws {
    session = ViewerSession(configuration)
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard connected else {
      Glibc.close(descriptor)
      throw PeerMissing(description: "nobody listens on \(port)")
    }
    var timeout = timeval(tv_sec: 0, tv_usec: 100_000)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  func close() { Glibc.close(descriptor) }

  /// Sends what the session has to say.
  func flush() throws {
    let bytes = session.takeOutput()
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw PeerMissing(description: "the connection is gone") }
      sent += count
    }
  }

  /// Reads, asking for an update when the session is ready and after each update, until `isDone`; false when `seconds`
  /// passed first. `isDone` gets the picture.
  func follow(within seconds: Double, until isDone: (Framebuffer) throws -> Bool) throws -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while Date() < end {
      if try isDone(session.framebuffer) { return true }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count == 0 { throw PeerMissing(description: "the server closed the connection") }
      guard count > 0 else { continue }
      for event in session.receive(Array(buffer[..<count])) {
        switch event {
        case .ready: session.requestUpdate(isIncremental: false)
        case .updated: session.requestUpdate(isIncremental: true)
        case .failed(let error): throw error
        default: break
        }
      }
      try flush()
    }
    return false
  }

  func receive(within seconds: Double, until isDone: (ViewerSession) -> Bool) throws {
    guard try follow(within: seconds, until: { _ in isDone(session) }) else {
      throw PeerMissing(description: "it did not come in \(seconds) s")
    }
  }
}

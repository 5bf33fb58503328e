#if Live
  import Foundation
  import Testing

  @testable import ServedEnvironment
  @testable import SocketBridges

  @Suite("Odd clients of the served Docker Engine disturb no others")
  struct OddDockerPeersTests {
    /// A client that writes what it likes.
    private final class RawClient {
      private let descriptor: Int32

      init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
          }
        }
        guard status == 0 else { throw PeerMissing(description: "no connection: \(errno)") }
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
      }

      deinit { close(descriptor) }

      @discardableResult
      func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
          let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
          if count <= 0 { return false }
          sent += count
        }
        return true
      }

      @discardableResult
      func write(_ text: String) -> Bool { write(Array(text.utf8)) }

      /// What comes until `count` bytes are there, the peer ends, or 5 s pass.
      func read(_ count: Int = 1) -> String {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while all.count < count {
          let got = recv(descriptor, &chunk, chunk.count, 0)
          if got <= 0 { break }
          all += chunk[0..<got]
        }
        return String(decoding: all, as: UTF8.self)
      }
    }

    private func isServed(_ served: ServedDocker) throws -> Bool {
      let client = try RawClient(served.path)
      client.write("GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
      return client.read(12).hasPrefix("HTTP/1.1 200")
    }

    @Test("half a request, garbage, a giant body, one that leaves: each is dealt with and others are served")
    func odd() throws {
      let served = try ServedDocker.onSocket()
      defer { served.stop() }
      let silent = try RawClient(served.path)
      silent.write("POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Len")
      let waiting = try RawClient(served.path)
      waiting.write("POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"Image\"")
      let garbage = try RawClient(served.path)
      garbage.write(
        [0x16, 0x03, 0x01, 0x02, 0x00] + (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37) } + [13, 10, 13, 10])
      let refused = garbage.read(12)
      #expect(refused.isEmpty || refused.hasPrefix("HTTP/1.1 400"), "\(refused)")
      let giant = try RawClient(served.path)
      giant.write(
        "POST /build HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\nContent-Length: 99999999999\r\n\r\n")
      #expect(giant.read(12).hasPrefix("HTTP/1.1 413"))
      let broken = try RawClient(served.path)
      broken.write(
        "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"Image\":"
      )
      #expect(broken.read(12).hasPrefix("HTTP/1.1 500"))
      do {
        let leaving = try RawClient(served.path)
        leaving.write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(leaving.read(12).hasPrefix("HTTP/1.1 200"))
        let pulling = try RawClient(served.path)
        pulling.write("POST /images/create?fromImage=a&tag=1 HTTP/1.1\r\nHost: x\r\n\r\n")
      }
      #expect(try isServed(served))
      #expect(eventually(within: 5) { served.connectionCount <= 4 })
      // Those that keep silent hold nobody up.
      #expect(try isServed(served))
      withExtendedLifetime((silent, waiting)) {}
    }

    @Test("an event stream that nobody reads holds up neither the engine nor the other streams")
    func unread() throws {
      let served = try ServedDocker.onSocket { $0.limits.writeQueue = 4_096 }
      defer { served.stop() }
      let deaf = try RawClient(served.path)
      deaf.write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
      let heard = try RawClient(served.path)
      heard.write("GET /events?filters={%22volume%22:[%22last%22]} HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(heard.read(12).hasPrefix("HTTP/1.1 200"))
      let writer = try RawClient(served.path)
      let body = #"{"Name":"v","Labels":{}}"#
      for index in 0..<4_000 {
        let name = index == 3_999 ? body.replacingOccurrences(of: "\"v\"", with: "\"last\"") : body
        writer.write(
          "POST /volumes/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(name.utf8.count)\r\n\r\n\(name)"
        )
        #expect(writer.read(12).hasPrefix("HTTP/1.1 201"))
      }
      #expect(heard.read(40).contains("\"last\""))
      // What waited for the deaf one is a queue's worth, not all.
      let late = deaf.read(4 << 20)
      let lines = late.components(separatedBy: "\"Action\":\"create\"").count - 1
      #expect(lines > 1_000 && lines < 4_000, "\(lines)")
    }

    @Test("an attached client may send what it likes, and leave")
    func attached() throws {
      let served = try ServedDocker.onSocket()
      defer { served.stop() }
      let client = try RawClient(served.path)
      let body = #"{"Image":"linuxserver/firefox"}"#
      client.write(
        "POST /containers/create?name=web HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      )
      #expect(client.read(12).hasPrefix("HTTP/1.1 201"))
      do {
        let attached = try RawClient(served.path)
        attached.write(
          "POST /containers/web/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"
        )
        #expect(attached.read(12).hasPrefix("HTTP/1.1 101"))
        attached.write([UInt8](repeating: 0x61, count: 1 << 20))
      }
      #expect(try isServed(served))
    }
  }
#endif

#if Live
  import Foundation
  import SocketTestSupport

  /// A real `redis-server` on loopback.
  final class RealRedisServer {
    let port: Int
    private let process: PeerProcess
    private let folder: URL

    init() throws {
      folder = try PeerProcess.temporaryFolder()
      port = try PeerProcess.freePort()
      process = try PeerProcess(
        "redis-server",
        ["--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--appendonly", "no"])
      let port = port
      guard soon(within: 10, { (try? SocketClient(port: port)) != nil }) else {
        throw PeerMissing(description: "redis-server does not answer")
      }
    }

    func stop() {
      process.stop()
      try? FileManager.default.removeItem(at: folder)
    }
  }
#endif

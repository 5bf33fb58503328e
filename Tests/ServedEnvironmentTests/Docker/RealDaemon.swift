#if Live
  import Foundation

  /// A real `dockerd` with data, sockets and pid file in a temporary folder, ended by its process id, with the image
  /// `tiny:1`. It leaves the firewall and the routes of the machine alone.
  final class RealDaemon {
    /// The release the simulated engine speaks as.
    static let release = "20.10."

    let host: String
    private let folder: URL
    private let process: PeerProcess

    init() throws {
      guard geteuid() == 0 else { throw PeerMissing(description: "dockerd needs root") }
      let program = try PeerProcess.path(of: "dockerd")
      let version = String(decoding: try PeerProcess.run(program, ["--version"]).output, as: UTF8.self)
      guard version.contains("version \(Self.release)") else {
        throw PeerMissing(description: "the served engine speaks as \(Self.release)*, here is \(version)")
      }
      folder = FileManager.default.temporaryDirectory.appendingPathComponent("dockerd-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      // A unix socket's path is short.
      let socket = "\(shortFolder)/dockerd-\(getpid())-\(UUID().uuidString.prefix(8)).sock"
      host = "unix://\(socket)"
      process = try PeerProcess(
        "dockerd",
        [
          "--iptables=false", "--ip-forward=false", "--ip-masq=false", "--bridge=none", "--storage-driver=vfs",
          "--data-root", folder.appendingPathComponent("data").path, "--exec-root",
          folder.appendingPathComponent("exec").path, "--host", host, "--pidfile",
          folder.appendingPathComponent("pid").path,
        ])
      let docker = DockerClient(host: host)
      guard try eventually(within: 60, { try !process.process.isRunning || docker("version").status == 0 }),
        process.process.isRunning
      else {
        let last = process.log.split(separator: "\n").last { $0.contains("failed") } ?? ""
        throw PeerMissing(description: "dockerd does not start here: \(last)")
      }
      try importImage(docker)
    }

    /// SIGTERM also ends its containers and its containerd.
    func stop() {
      process.stop()
      try? FileManager.default.removeItem(at: folder)
    }

    private func importImage(_ docker: DockerClient) throws {
      let manager = FileManager.default
      let root = folder.appendingPathComponent("root/bin")
      try manager.createDirectory(at: root, withIntermediateDirectories: true)
      try manager.copyItem(
        atPath: try PeerProcess.path(of: "busybox"), toPath: root.appendingPathComponent("busybox").path)
      for name in ["sh", "sleep", "true", "false"] {
        try manager.createSymbolicLink(
          atPath: root.appendingPathComponent(name).path, withDestinationPath: "busybox")
      }
      let archive = folder.appendingPathComponent("root.tar").path
      _ = try PeerProcess.run("tar", ["-C", folder.appendingPathComponent("root").path, "-cf", archive, "."])
      guard try docker("import", archive, "tiny:1").status == 0 else {
        throw PeerMissing(description: "the image could not be imported")
      }
    }
  }
#endif

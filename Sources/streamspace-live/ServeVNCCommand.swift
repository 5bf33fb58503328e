import ArgumentParser
import Foundation
import RemoteFramebuffer
import ServedEnvironment
import VNCServer

struct ServeVNCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vnc", abstract: "Serves the simulated desktop to real viewers.",
    discussion: """
      Examples:
        ./sim serve vnc --port 5901                 then: vncviewer 127.0.0.1::5901
        ./sim serve vnc --port 5901 --password secret --video 30 --clock
        ./sim serve vnc --raw                       a port that echoes bytes
      It ends with Ctrl-C.
      """)

  @Option(help: "The port to listen on; 0 takes any free one.")
  var port = 5_900

  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "The size of the desktop in pixels.")
  var size = DesktopSize(width: 1_280, height: 800)

  @Option(help: "Asks viewers for this password (VNC authentication looks at its first 8 characters).")
  var password: String?

  @Option(help: "The highest version of RFB that is offered: 3.3, 3.7 or 3.8.")
  var rfb = ProtocolVersion.v38

  @Option(help: "Changes of the video region a second, 0 to 60.")
  var video = 0

  @Flag(help: "Shows a clock.")
  var clock = false

  @Flag(help: "Echoes bytes instead of speaking RFB.")
  var raw = false

  @Option(help: "Decides what the desktop looks like.")
  var seed: UInt64 = 1

  @Option(help: "Writes what the desktop shows at the end to this file, as PNG.")
  var screenshot: String?

  @Flag(help: "Prints one JSON object on standard output once it listens.")
  var json = false

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535, not \(port)") }
    guard (0...60).contains(video) else { throw ValidationError("--video must be 0 to 60, not \(video)") }
    guard !raw || screenshot == nil else { throw ValidationError("--screenshot needs a desktop, --raw has none") }
  }

  func run() throws {
    #if Live
      var desktop = VNCServerConfiguration(width: size.width, height: size.height, videoPerSecond: video)
      desktop.highestVersion = rfb
      // noVNC up to 1.3 draws Raw pixels with a random opacity.
      desktop.videoEncoding = nil
      if clock { desktop.content.insert(.clock) }
      if let password {
        desktop.security = .passwords(full: password, viewOnly: nil)
        // One person at one machine mistypes more often than an attacker is welcome.
        desktop.throttlesAttempts = false
      }
      let served: ServedDesktop
      do {
        served = try ServedDesktop(raw ? .raw : .desktop(desktop), seed: seed, host: host, port: port)
      } catch {
        complain("error: cannot listen on \(host):\(port) (--host, --port): \(error)")
        throw ExitCode(3)
      }
      let interruption = Interruption()
      if json {
        say(#"{"host":"\#(host)","port":\#(served.port),"width":\#(size.width),"height":\#(size.height)}"#)
      } else {
        say("\(raw ? "an echo" : "a desktop of \(size)") on \(host):\(served.port), until Ctrl-C")
      }
      interruption.wait()
      try save(served)
      served.stop()
    #else
      complain("error: serve is built with the package trait Live: use ./sim serve")
      throw ExitCode(3)
    #endif
  }

  #if Live
    private func save(_ served: ServedDesktop) throws {
      guard let screenshot, let picture = served.picture else { return }
      do {
        try Data(PNGImage.encode(picture)).write(to: URL(fileURLWithPath: screenshot), options: .atomic)
      } catch {
        complain("error: --screenshot \(screenshot) cannot be written")
        throw ExitCode(2)
      }
    }
  #endif

}

/// `WIDTHxHEIGHT` on the command line.
struct DesktopSize: ExpressibleByArgument, CustomStringConvertible {
  let width: Int
  let height: Int

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  init?(argument: String) {
    let sides = argument.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard sides.count == 2, sides.allSatisfy({ (1...4_096).contains($0) }) else { return nil }
    self.init(width: sides[0], height: sides[1])
  }

  var description: String { "\(width)x\(height)" }
  var defaultValueDescription: String { description }
}

extension ProtocolVersion: ExpressibleByArgument {
  public init?(argument: String) {
    guard let version = ProtocolVersion.allCases.first(where: { "3.\($0.rawValue)" == argument }) else { return nil }
    self = version
  }

  public var defaultValueDescription: String { "3.\(rawValue)" }
}

#if Live
  import Foundation
  import Testing

  @testable import ServedEnvironment
  @testable import RemoteFramebuffer
  @testable import VNCServer

  /// The small C program around LibVNCClient, compiled once.
  enum PictureReader {
    static let source = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("fixtures/peers/vnc_picture.c")

    static let program: Result<String, PeerMissing> = compile()

    private static func compile() -> Result<String, PeerMissing> {
      guard FileManager.default.fileExists(atPath: "/usr/include/rfb/rfbclient.h") else {
        return .failure(PeerMissing(description: "needs LibVNCClient (Debian package libvncserver-dev)"))
      }
      do {
        let program = try PeerProcess.temporaryFolder().appendingPathComponent("vnc_picture").path
        let (status, _) = try PeerProcess.run("cc", ["-O1", "-o", program, source.path, "-lvncclient"])
        guard status == 0 else { return .failure(PeerMissing(description: "vnc_picture.c does not compile")) }
        return .success(program)
      } catch {
        return .failure(PeerMissing(description: "\(error)"))
      }
    }

    /// What the client holds after its first whole picture.
    struct Picture {
      let width: Int
      let height: Int
      let bytesPerPixel: Int
      let version: String
      let pixels: [UInt8]
    }

    /// Nil: refused.
    static func read(port: Int, encodings: String, bits: Int, password: String? = nil) throws -> Picture? {
      let (status, output) = try PeerProcess.run(
        program.get(), ["127.0.0.1", "\(port)", encodings, "\(bits)"] + (password.map { [$0] } ?? []))
      guard status == 0, let end = output.firstIndex(of: 10) else {
        if status == 3 { throw PeerMissing(description: "no picture in time") }
        return nil
      }
      let words = String(decoding: output[..<end], as: UTF8.self).split(separator: " ").map(String.init)
      return Picture(
        width: Int(words[0]) ?? 0, height: Int(words[1]) ?? 0, bytesPerPixel: Int(words[2]) ?? 0, version: words[3],
        pixels: Array(output[(end + 1)...]))
    }
  }

  @Suite("LibVNCClient sees the simulated desktop", .serialized)
  struct LibVNCClientTests {
    private static let encodings = ["raw", "copyrect zrle", "rre", "hextile", "zlib", "tight", "zrle"]

    private func served(_ change: (inout VNCServerConfiguration) -> Void = { _ in }) throws -> ServedDesktop {
      do { _ = try PictureReader.program.get() } catch { try Test.cancel("\(error)") }
      // No tile grid divides the size.
      var configuration = VNCServerConfiguration(width: 210, height: 150)
      configuration.throttlesAttempts = false
      change(&configuration)
      return try ServedDesktop(.desktop(configuration), seed: 7)
    }

    /// Pixels that differ from what the server shows, in the client's own format.
    private func wrongPixels(_ picture: PictureReader.Picture, _ bits: Int, _ shown: Framebuffer) -> Int {
      guard picture.width == shown.width, picture.height == shown.height else { return shown.width * shown.height }
      let format = Self.format(bits)
      return shown.pixels.indices.count { index in
        var value: UInt32 = 0
        for offset in (0..<picture.bytesPerPixel).reversed() {
          value = value << 8 | UInt32(picture.pixels[index * picture.bytesPerPixel + offset])
        }
        return value & Self.mask(format) != Self.value(shown.pixels[index], format)
      }
    }

    private static func format(_ bits: Int) -> PixelFormat {
      switch bits {
      case 32:
        PixelFormat(
          bitsPerPixel: 32, depth: 24, redMax: 255, greenMax: 255, blueMax: 255, redShift: 0, greenShift: 8,
          blueShift: 16)
      case 16:
        PixelFormat(
          bitsPerPixel: 16, depth: 15, redMax: 31, greenMax: 31, blueMax: 31, redShift: 0, greenShift: 5,
          blueShift: 10)
      default:
        PixelFormat(
          bitsPerPixel: 8, depth: 8, redMax: 7, greenMax: 7, blueMax: 3, redShift: 0, greenShift: 3, blueShift: 6)
      }
    }

    private static func mask(_ format: PixelFormat) -> UInt32 { value(0xff_ffff, format) }

    /// The formula of spec/04 §1.4, written once more.
    private static func value(_ colour: UInt32, _ format: PixelFormat) -> UInt32 {
      func part(_ shift: UInt32, _ most: Int, _ place: Int) -> UInt32 {
        UInt32((Int(colour >> shift & 255) * most + 127) / 255 << place)
      }
      return part(16, format.redMax, format.redShift) | part(8, format.greenMax, format.greenShift)
        | part(0, format.blueMax, format.blueShift)
    }

    @Test("no pixel is wrong", arguments: encodings, [32, 16, 8])
    func pictures(encoding: String, bits: Int) throws {
      let desktop = try served()
      defer { desktop.stop() }
      let picture = try #require(try PictureReader.read(port: desktop.port, encodings: encoding, bits: bits))
      let shown = try #require(desktop.picture)
      #expect(wrongPixels(picture, bits, shown) == 0)
      #expect(picture.version == "3.8")
    }

    @Test("every version with and without a password", arguments: ProtocolVersion.allCases, [nil, "secret"])
    func versions(version: ProtocolVersion, password: String?) throws {
      let desktop = try served {
        $0.highestVersion = version
        if let password { $0.security = .passwords(full: password, viewOnly: nil) }
        $0.throttlesAttempts = false
      }
      defer { desktop.stop() }
      let picture = try #require(
        try PictureReader.read(port: desktop.port, encodings: "zrle", bits: 32, password: password))
      #expect(picture.version == "3.\(version.rawValue)")
      #expect(wrongPixels(picture, 32, try #require(desktop.picture)) == 0)
    }

    @Test("a wrong password is refused", arguments: ProtocolVersion.allCases)
    func wrongPassword(version: ProtocolVersion) throws {
      let desktop = try served {
        $0.highestVersion = version
        $0.security = .passwords(full: "secret", viewOnly: nil)
        $0.throttlesAttempts = false
      }
      defer { desktop.stop() }
      #expect(try PictureReader.read(port: desktop.port, encodings: "raw", bits: 32, password: "wrong") == nil)
    }
  }

  extension Collection {
    fileprivate func count(where holds: (Element) -> Bool) -> Int { reduce(0) { holds($1) ? $0 + 1 : $0 } }
  }
#endif

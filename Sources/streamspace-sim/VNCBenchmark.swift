import Foundation
import RemoteFramebuffer
import SimulatedEnvironment

/// `./sim bench vnc`: the codec with a desktop and with noise, beside LibVNCServer where Debian's package is there.
enum VNCBenchmark {
  private static let width = 1_280
  private static let height = 800
  private static let pictures: [(name: String, picture: Framebuffer)] = [
    ("desktop", EncodingBenchmarks.desktop(width: width, height: height)),
    ("noise", EncodingBenchmarks.noise(width: width, height: height)),
  ]

  static func figures(repeats: Int) throws -> [BenchmarkFigure] {
    let ours = EncodingBenchmarks.all(width: width, height: height, rounds: repeats, clock: processorTime)
    var theirs: [String: LibVNCServerEncoders.Measurement] = [:]
    do {
      if let peer = try LibVNCServerEncoders.find()?.get() {
        defer { peer.remove() }
        for (name, picture) in pictures {
          for measured in try peer.measure(picture, rounds: repeats) {
            theirs["\(measured.encoding) \(name)"] = measured
          }
        }
      }
    } catch {
      Output.complain("no comparison with LibVNCServer: \(error)")
    }
    let relay = try RelayBenchmark.carry(clock: BenchmarkPrograms.clock)
    return ours.flatMap { compare($0, with: theirs[$0.name]) } + [
      // 60 s of eight times 60 updates of 16 KiB; it fails when one is lost.
      BenchmarkFigure(name: "vnc relay, 8 x 60 FPS x 60 s", unit: "ms", value: relay / 1_000_000)
    ]
  }

  /// Processor time of this thread in nanoseconds, which is what the other side measures too.
  private static func processorTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Ours, and theirs with the bound that follows from it: ZRLE of the desktop within 1.5 times their time and size.
  private static func compare(
    _ ours: EncodingBenchmarks.Measurement, with theirs: LibVNCServerEncoders.Measurement?
  ) -> [BenchmarkFigure] {
    let isJudged = ours.name == "ZRLE desktop"
    let bytes = Int64(width * height * 4)
    let rate = theirs.map { bytes * 1_000 / max(1, $0.nanoseconds) }
    var figures = [
      BenchmarkFigure(
        name: "\(ours.name) encode", unit: "MB/s", value: ours.encoded,
        budget: isJudged ? rate.map { .atLeast($0 * 2 / 3) } : nil),
      BenchmarkFigure(name: "\(ours.name) decode", unit: "MB/s", value: ours.decoded),
      BenchmarkFigure(
        name: "\(ours.name) size", unit: "bytes", value: Int64(ours.size),
        budget: isJudged ? theirs.map { .atMost($0.bytes * 3 / 2) } : nil),
    ]
    if let theirs, let rate {
      figures += [
        BenchmarkFigure(name: "  LibVNCServer encode", unit: "MB/s", value: rate),
        BenchmarkFigure(name: "  LibVNCServer size", unit: "bytes", value: theirs.bytes),
      ]
    }
    return figures
  }
}

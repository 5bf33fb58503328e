import Foundation
import StreamSpaceProtocol

/// Which executable this is: a seed means something for one build only.
enum BuildIdentity {
  /// The first sixteen digits of the digest of the executable; `unknown` where it cannot be read.
  static let digest: String = {
    guard let file = FileHandle(forReadingAtPath: "/proc/self/exe") else { return "unknown" }
    let digest = SHA256Stream()
    while let piece = try? file.read(upToCount: 4 << 20), !piece.isEmpty { digest.append(Array(piece)) }
    return String(digest.hex.prefix(16))
  }()
}

/// What everything that a live run makes is marked with, so that clean-up finds it and nothing else (spec/08 §1).
package struct RunLabel: Sendable, Hashable, CustomStringConvertible {
  /// Eight hexadecimal digits.
  package let tag: String

  /// The key of the label, of the session tag and of Docker's label.
  package static let key = "ssim-run"

  /// Nil unless `tag` is eight hexadecimal digits.
  package init?(_ tag: String) {
    guard Self.isTag(tag) else { return nil }
    self.tag = tag
  }

  private init(drawn tag: String) { self.tag = tag }

  /// One that no run has had.
  package static func drawn() -> RunLabel {
    let digits = String(UInt32.random(in: .min ... .max), radix: 16)
    return RunLabel(drawn: String(repeating: "0", count: 8 - digits.count) + digits)
  }

  /// Lower case only: Kubernetes and Docker would take others, database names not.
  package static func isTag(_ text: String) -> Bool {
    text.utf8.count == 8 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// `ssim-run=1a2b3c4d`: session tag, Kubernetes and Docker label.
  package var label: String { "\(Self.key)=\(tag)" }

  /// What names of users and agents begin with.
  package var namePrefix: String { "ssim-\(tag)-" }

  /// What names of databases begin with.
  package var databasePrefix: String { "ssim_\(tag)_" }

  package var description: String { label }
}

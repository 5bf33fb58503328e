import Foundation

/// Waiting in real time.
enum Pause {
  static func milliseconds(_ count: Int) { Thread.sleep(forTimeInterval: Double(count) / 1_000) }
}

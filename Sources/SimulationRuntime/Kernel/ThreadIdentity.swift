#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The thread a simulation is confined to.
struct ThreadIdentity: Sendable {
  private let identifier: UInt

  init() { identifier = Self.current }

  private static var current: UInt {
    #if canImport(Darwin)
      UInt(bitPattern: pthread_self())
    #else
      UInt(pthread_self())
    #endif
  }

  var isCurrent: Bool { Self.current == identifier }

  /// Traps when called on another thread: whatever went on would not repeat. `fatalError` and not a
  /// precondition, because only it prints its message in release builds.
  func verify() {
    guard !isCurrent else { return }
    fatalError(
      """
      A simulation was used from a foreign thread. Code under simulation must not use Task {}, Task.detached, \
      Task.sleep or @MainActor: use task groups, spawn and the environment's clock.
      """)
  }
}

/// What a desktop shows beside its background, its marker and its video region.
package struct DesktopContent: OptionSet, Sendable, Hashable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  /// A window that moves when its title bar is dragged.
  package static let window = DesktopContent(rawValue: 1)
  /// A text area that shows what is typed.
  package static let text = DesktopContent(rawValue: 2)
  /// Dots where the pointer was.
  package static let trail = DesktopContent(rawValue: 4)
  /// A clock that changes each second of host time while somebody watches; it keeps a watched desktop busy.
  package static let clock = DesktopContent(rawValue: 8)

  /// Everything that changes on input only.
  package static let standard: DesktopContent = [.window, .text, .trail]
}

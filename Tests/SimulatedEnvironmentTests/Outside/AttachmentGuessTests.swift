import Testing

@testable import SimulatedEnvironment

@Suite("Which viewer an attachment belongs to, where nobody tells")
struct AttachmentGuessTests {
  @Test("one viewer and one tunnel of a session are a pair, whichever comes first")
  func pairs() {
    var guess = AttachmentGuess()
    #expect(guess.viewerOpened(7, session: "a") == nil)
    #expect(guess.tunnelOpened("x", session: "b") == nil)
    #expect(guess.tunnelOpened("y", session: "a") == .init(viewer: 7, attachment: "y"))
    #expect(guess.viewerOpened(8, session: "b") == .init(viewer: 8, attachment: "x"))
    #expect(guess.viewerOpened(9, session: "a") == nil)
    #expect(guess.tunnelOpened("z", session: "a") == .init(viewer: 9, attachment: "z"))
  }

  @Test("of two viewers that wait at once nothing is known, then and later")
  func ambiguous() {
    var guess = AttachmentGuess()
    _ = guess.viewerOpened(1, session: "a")
    _ = guess.viewerOpened(2, session: "a")
    #expect(guess.tunnelOpened("x", session: "a") == nil)
    #expect(guess.tunnelOpened("y", session: "a") == nil)
    #expect(guess.viewerOpened(3, session: "a") == nil)
  }

  @Test("a tunnel that has gone waits for nobody")
  func gone() {
    var guess = AttachmentGuess()
    _ = guess.tunnelOpened("x", session: "a")
    guess.tunnelClosed("x", session: "a")
    _ = guess.tunnelOpened("y", session: "a")
    #expect(guess.viewerOpened(1, session: "a") == .init(viewer: 1, attachment: "y"))
  }
}

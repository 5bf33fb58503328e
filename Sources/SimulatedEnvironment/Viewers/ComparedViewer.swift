/// A viewer as the comparison of streams knows it.
final class ComparedViewer {
  let number: Int
  let session: String
  /// The network's number of its WebSocket; both ends have the same.
  let connection: Int
  /// What it wrote.
  var sent = SentStream()
  /// Bytes that came to it in order.
  var received = 0
  /// Connection to the desktop at the other end, once known.
  var tunnel: Int?
  /// Told once a direction: what comes after a break is not compared.
  var isBrokenToViewer = false
  var isBrokenToDesktop = false
  var isOpen = true
  /// False: nobody can say which desktop stream is its own, so nothing of it is compared.
  var isFollowed = true
  /// It has always read what came: what waits long for it is lost.
  var readsFreely = true
  /// The desktop has taken an input event: the serial that its marker now shows.
  var onInput: ((_ serial: Int, _ isKey: Bool) -> Void)?

  init(number: Int, session: String, connection: Int) {
    self.number = number
    self.session = session
    self.connection = connection
  }
}

import SimulationRuntime
import StreamSpaceProtocol

/// The pages of a session that is streamed over HTTP: each request gets one that names session and path.
final class WebDesktop: Program {
  private let incarnation: Incarnation
  private let session: String
  private let port: Int

  init(_ incarnation: Incarnation, session: String, port: Int) {
    self.incarnation = incarnation
    self.session = session
    self.port = port
  }

  func start() {
    incarnation.simulation.network.listen(incarnation, port: port) { [unowned self] call in
      guard let request = (call.hello as? Frame<HTTPRequest>)?.value else { return call.drop() }
      let page = HTTPResponse(
        .ok, headers: [HTTPHeaderName.contentType: "text/plain"], body: .text("\(session) \(request.path)"))
      call.reply(Frame(page, byteCount: page.byteCount))
    }
  }

  func terminate() { incarnation.exit("container ended") }
}

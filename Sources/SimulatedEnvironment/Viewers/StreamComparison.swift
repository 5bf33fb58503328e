import SimulationRuntime
import TestEnvironment
import VNCServer

/// Follows every stream between a viewer and a desktop at both of its ends: byte by byte (I-VNC-BYTES, I-VNC-ISO), and
/// what was written when, for latencies.
///
/// Events of the control plane tell which attachment the connection of a viewer is, those of agents which connection to
/// a desktop serves an attachment. Where a tunnel belongs to no attachment (B-61) the session joins the two.
final class StreamComparison {
  /// An agent's stream to a desktop.
  private final class Tunnel {
    /// The session whose desktop is at its end.
    let origin: String
    /// What its agent told of it.
    var told: (session: String, attachment: String?)?
    var isOpen = true
    /// What the desktop wrote.
    var written = SentStream()
    /// When updates were written that were not decoded so far.
    var updates: [Instant] = []
    var decoded = 0

    init(origin: String) { self.origin = origin }
  }

  private unowned let recorder: ObservationRecorder
  /// By connection, both.
  private var viewers: [Int: ComparedViewer] = [:]
  private var tunnels: [Int: Tunnel] = [:]
  /// The attachment of a viewer's connection, and the viewer's connection and the tunnel of an attachment.
  private var attachments: [Int: String] = [:]
  private var ends: [String: (viewer: Int?, tunnel: Int?)] = [:]

  /// Who belongs together where no control plane tells; nil: it tells.
  var guess: AttachmentGuess?

  /// Bytes that the viewers of each session have received, whatever became of them.
  private(set) var delivered: [String: Int] = [:]

  init(_ recorder: ObservationRecorder) { self.recorder = recorder }

  // MARK: Viewers

  /// The WebSocket of a viewer stands.
  func opened(_ viewer: ComparedViewer) {
    viewers[viewer.connection] = viewer
    join(guess?.viewerOpened(viewer.connection, session: viewer.session))
  }

  private func join(_ pair: AttachmentGuess.Pair?) {
    if let pair { attachmentBegan(pair.attachment, viewer: pair.viewer) }
  }

  func sent(_ bytes: [UInt8], by viewer: ComparedViewer) {
    if !viewer.isBrokenToDesktop { viewer.sent.append(bytes, at: recorder.simulation.now) }
  }

  /// Bytes arrived at a viewer.
  func received(_ bytes: [UInt8], by viewer: ComparedViewer) {
    delivered[viewer.session, default: 0] += bytes.count
    guard !viewer.isBrokenToViewer else { return }
    guard let tunnel = tunnel(of: viewer) else {
      if guess != nil {
        viewer.isFollowed = false
        return
      }
      return broken(viewer, at: viewer.received, bytes[...])
    }
    if tunnel.origin != viewer.session { return leaked(viewer, from: tunnel.origin) }
    let before = tunnel.written.arrived
    switch tunnel.written.match(bytes) {
    case .equal: viewer.received += bytes.count
    case .different(let offset): broken(viewer, at: offset, bytes[(offset - before)...])
    }
  }

  /// A viewer ends, and no end of its stream was lost: bytes that it or its desktop has waited for so long would never
  /// have come.
  func judgeWaiting(_ viewer: ComparedViewer) {
    guard viewer.readsFreely, let tunnel = tunnel(of: viewer) else { return }
    if !viewer.isBrokenToViewer, isLost(tunnel.written) {
      viewer.isBrokenToViewer = true
      tellBroken(viewer, toViewer: true, at: tunnel.written.arrived)
    }
    if tunnel.isOpen, !viewer.isBrokenToDesktop, isLost(viewer.sent) {
      viewer.isBrokenToDesktop = true
      tellBroken(viewer, toViewer: false, at: viewer.sent.arrived)
    }
  }

  private func isLost(_ stream: SentStream) -> Bool {
    stream.waitingSince.map { recorder.simulation.now - $0 >= Self.patience } ?? false
  }

  /// Longer than it takes until an end learns that the other one is lost (C24).
  private static let patience = TimeSpan.seconds(15)

  /// A viewer has ended; what it wrote may still be on its way.
  func ended(_ viewer: ComparedViewer) {
    viewer.isOpen = false
    if viewer.isFollowed {
      recorder.add(
        .streamCompared(
          viewer: viewer.number, session: viewer.session, toViewer: viewer.received, toDesktop: viewer.sent.arrived))
    }
    if tunnel(of: viewer)?.isOpen != true { forget(viewer) }
  }

  private func forget(_ viewer: ComparedViewer) {
    viewers[viewer.connection] = nil
    if let attachment = attachments.removeValue(forKey: viewer.connection) { ends[attachment] = nil }
    if let connection = viewer.tunnel, !viewers.values.contains(where: { $0.tunnel == connection }) {
      tunnels[connection] = nil
    }
  }

  /// Nothing is followed any more.
  var isEmpty: Bool { viewers.isEmpty && tunnels.isEmpty && attachments.isEmpty && ends.isEmpty }

  /// When the oldest update that the viewer has not decoded was written; nil if the streams cannot be told.
  func takeUpdate(for viewer: ComparedViewer) -> Instant? {
    guard !viewer.isBrokenToViewer, let tunnel = tunnel(of: viewer), tunnel.decoded < tunnel.updates.count else {
      return nil
    }
    let time = tunnel.updates[tunnel.decoded]
    tunnel.decoded += 1
    if tunnel.decoded == tunnel.updates.count {
      tunnel.updates.removeAll(keepingCapacity: true)
      tunnel.decoded = 0
    }
    return time
  }

  /// The tunnel that serves a viewer.
  private func tunnel(of viewer: ComparedViewer) -> Tunnel? {
    if let known = viewer.tunnel { return tunnels[known] }
    guard let connection = connectionToDesktop(of: viewer) else { return nil }
    viewer.tunnel = connection
    return tunnels[connection]
  }

  private func connectionToDesktop(of viewer: ComparedViewer) -> Int? {
    if let attachment = attachments[viewer.connection], let tunnel = ends[attachment]?.tunnel { return tunnel }
    return tunnels.filter { isShared($0.value, by: viewer.session) }.keys.max()
  }

  /// A tunnel of the session that belongs to no attachment.
  private func isShared(_ tunnel: Tunnel, by session: String) -> Bool {
    guard let told = tunnel.told else { return false }
    return told.attachment == nil && told.session == session && tunnel.isOpen
  }

  // MARK: Attachments and tunnels

  /// A replica took the viewer of that connection for an attachment.
  func attachmentBegan(_ attachment: String, viewer connection: Int) {
    attachments[connection] = attachment
    ends[attachment, default: (nil, nil)].viewer = connection
  }

  /// Nobody will speak of the attachment again.
  func attachmentEnded(_ attachment: String) {
    guard let end = ends[attachment], end.viewer.flatMap({ viewers[$0] }) == nil else { return }
    ends[attachment] = nil
    if let connection = end.viewer { attachments[connection] = nil }
  }

  /// The stream of an agent to a desktop stands.
  func tunnelOpened(_ connection: Int, session: String, attachment: String?) {
    tunnels[connection]?.told = (session, attachment)
    guard let attachment else { return }
    ends[attachment, default: (nil, nil)].tunnel = connection
    join(guess?.tunnelOpened(attachment, session: session))
  }

  // MARK: Desktops

  func note(_ event: VNCServerEvent, ofDesktop session: String) {
    switch event {
    case .opened(let connection): tunnels[connection] = Tunnel(origin: session)
    case .wrote(let connection, let bytes): tunnels[connection]?.written.append(bytes, at: recorder.simulation.now)
    case .read(let connection, let bytes): read(bytes, from: connection)
    case .input(let connection, let serial, let isKey): viewer(atDesktop: connection)?.onInput?(serial, isKey)
    case .updated(let connection, _, _): tunnels[connection]?.updates.append(recorder.simulation.now)
    case .closed(let connection, _): desktopClosed(connection)
    case .refused, .ready, .resized, .clipboard: break
    }
  }

  /// A desktop's end of a stream is closed; what it wrote may still be on its way.
  func desktopClosed(_ connection: Int) {
    if let told = tunnels[connection]?.told, let attachment = told.attachment {
      guess?.tunnelClosed(attachment, session: told.session)
    }
    tunnels[connection]?.isOpen = false
    if let viewer = viewer(atDesktop: connection) { _ = tunnel(of: viewer) }
    let followers = viewers.values.filter { $0.tunnel == connection }.sorted { $0.number < $1.number }
    for viewer in followers where !viewer.isOpen { forget(viewer) }
    if followers.isEmpty { tunnels[connection] = nil }
  }

  /// Bytes arrived at a desktop.
  private func read(_ bytes: [UInt8], from connection: Int) {
    guard let viewer = viewer(atDesktop: connection), !viewer.isBrokenToDesktop else { return }
    if case .different(let offset) = viewer.sent.match(bytes) {
      viewer.isBrokenToDesktop = true
      tellBroken(viewer, toViewer: false, at: offset)
    }
  }

  /// The viewer at the other end of a tunnel; where a tunnel serves a session, its viewer that lives, the newest last.
  private func viewer(atDesktop connection: Int) -> ComparedViewer? {
    guard let tunnel = tunnels[connection], let told = tunnel.told else { return nil }
    if let attachment = told.attachment { return ends[attachment]?.viewer.flatMap { viewers[$0] } }
    return viewers.values.filter { $0.session == told.session && $0.isOpen }.max { $0.number < $1.number }
  }

  // MARK: Breaks

  private func broken(_ viewer: ComparedViewer, at offset: Int, _ bytes: ArraySlice<UInt8>) {
    let others = tunnels.filter { $0.value.origin != viewer.session }.sorted { $0.key < $1.key }
    if let origin = others.first(where: { $0.value.written.carries(bytes) })?.value.origin {
      return leaked(viewer, from: origin)
    }
    viewer.isBrokenToViewer = true
    tellBroken(viewer, toViewer: true, at: offset)
  }

  private func tellBroken(_ viewer: ComparedViewer, toViewer: Bool, at offset: Int) {
    recorder.add(.streamBroken(viewer: viewer.number, session: viewer.session, toViewer: toViewer, offset: offset))
  }

  private func leaked(_ viewer: ComparedViewer, from origin: String) {
    viewer.isBrokenToViewer = true
    recorder.add(.streamLeaked(viewer: viewer.number, session: viewer.session, origin: origin))
  }
}

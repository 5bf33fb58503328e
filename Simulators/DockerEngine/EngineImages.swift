import SimulationRuntime
import StreamSpaceProtocol

/// The images of an engine. Layers are not modelled: an image is there or not.
struct ImageStore {
  private let configuration: EngineConfiguration
  /// Cold images that were pulled, in order.
  private var pulled: [ImageReference] = []
  /// Pulls that are under way, by reference.
  var underWay: [String: Pull] = [:]

  /// One pull: it goes on for as long as somebody waits for it.
  final class Pull {
    /// Those who wait: whether they are still there, and how they are told.
    var waiters: [(isWaiting: () -> Bool, reply: (DockerResponse) -> Void)] = []

    var isWanted: Bool { waiters.contains { $0.isWaiting() } }
  }

  /// What every image is said to take, in bytes.
  static let size: Int64 = 1_500_000_000

  init(_ configuration: EngineConfiguration) { self.configuration = configuration }

  /// The image if it is on the machine.
  func image(_ reference: ImageReference) -> ImageInspection? {
    guard configuration.imageClass(reference) == .cached || pulled.contains(reference) else { return nil }
    return Self.inspection(reference)
  }

  /// The configured images that are on the machine and the pulled ones, in order of their references.
  var present: [ImageInspection] {
    let cached = configuration.images.keys.sorted().filter { configuration.images[$0] == .cached }
      .map { ImageReference($0) }
    return (cached + pulled).map(Self.inspection).sorted { $0.tags.first ?? "" < $1.tags.first ?? "" }
  }

  mutating func add(_ reference: ImageReference) {
    if image(reference) == nil { pulled.append(reference) }
  }

  private static func inspection(_ reference: ImageReference) -> ImageInspection {
    ImageInspection(
      id: "sha256:\(SHA256.hex(reference.text))", tags: [reference.text], size: size)
  }
}

extension DockerEngine {
  func isImageUnknown(_ reference: ImageReference) -> Bool {
    guard !faults.isEmpty else { return false }
    let isUnknown: Bool? = faults.first { fault in
      if case .unknownImage(let image) = fault, ImageReference(image) == reference { true } else { nil }
    }
    return isUnknown ?? false
  }

  func image(_ text: String) throws(DockerFailure) -> ImageInspection {
    let reference = ImageReference(text)
    guard !isImageUnknown(reference), let image = images.image(reference) else {
      throw .noSuchImage(inspecting: text)
    }
    return image
  }

  /// A pull: answered when it is over. A second one of an image joins the first; one that nobody waits for any more is
  /// broken off.
  func pull(
    _ reference: ImageReference, isWaiting: @escaping () -> Bool, _ reply: @escaping (DockerResponse) -> Void
  ) {
    func isMeant(_ image: String?) -> Bool { image.map { ImageReference($0) == reference } ?? true }
    if !faults.isEmpty {
      if faults.strikes(.diskFull) { return reply(.failure(.noSpaceLeft)) }
      let fails: Bool? = faults.first { if case .pullFailure(let image) = $0, isMeant(image) { true } else { nil } }
      if fails != nil {
        later(steps.imageFailure.draw()) { reply(.failure(.registryUnreachable)) }
        return
      }
      let breaks: Bool? = faults.first { if case .pullBreaks(let image) = $0, isMeant(image) { true } else { nil } }
      if breaks != nil {
        later(steps.registry.draw()) {
          reply(
            .pulled([
              PullProgress(status: "Pulling from \(reference.name)", id: reference.tag),
              PullProgress(status: "", error: "unexpected EOF"),
            ]))
        }
        return
      }
    }
    if isImageUnknown(reference) || configuration.imageClass(reference) == .unknown {
      later(steps.registry.draw()) { reply(.failure(.pullDenied(reference.name))) }
      return
    }
    if images.image(reference) != nil {
      later(steps.registry.draw()) {
        reply(.pulled(Self.progress(of: reference, "Image is up to date for \(reference.text)")))
      }
      return
    }
    if let pull = images.underWay[reference.text], pull.isWanted {
      pull.waiters.append((isWaiting, reply))
      return
    }
    let pull = ImageStore.Pull()
    pull.waiters = [(isWaiting, reply)]
    images.underWay[reference.text] = pull
    var span = steps.imageCold.draw()
    if !faults.isEmpty {
      span = faults.first { if case .pull(let image, let span) = $0, isMeant(image) { span } else { nil } } ?? span
    }
    let life = daemonLife
    afterwards(span) { [self] in
      // Another may have begun after this one was broken off.
      if images.underWay[reference.text] === pull { images.underWay[reference.text] = nil }
      guard daemonLife == life, isUp, pull.isWanted else { return }
      images.add(reference)
      publish(.image, "pull", actor: reference.text, ["name": reference.name])
      let lines = Self.progress(of: reference, "Downloaded newer image for \(reference.text)")
      for waiter in pull.waiters { waiter.reply(.pulled(lines)) }
    }
  }

  private static func progress(of reference: ImageReference, _ status: String) -> [PullProgress] {
    [
      PullProgress(status: "Pulling from \(reference.name)", id: reference.tag),
      PullProgress(status: "Status: \(status)"),
    ]
  }
}

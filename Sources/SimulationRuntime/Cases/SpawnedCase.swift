/// A case body that runs beside the one that started it.
///
/// Unchecked: only the simulation's thread touches it; every way in verifies that.
public final class SpawnedCase<T: Sendable>: @unchecked Sendable {
  /// What it was called when it was started.
  public let name: String
  private unowned let layer: CaseLayer
  private var task: Task<Void, Never>?
  private var isCancelled = false
  private var result: Result<T, any Error>?
  private var joining: [WaitHandle<T>] = []

  init(name: String, layer: CaseLayer) {
    self.name = name
    self.layer = layer
  }

  /// Whether its body has returned or thrown.
  public var hasEnded: Bool { result != nil }

  /// Waits for the end of the body; returns what it returned, throws what it threw.
  public func join(isolation: isolated (any Actor)? = #isolation) async throws -> T {
    layer.verifyThread()
    if let result { return try result.get() }
    return try await layer.wait("end of \(name)") { [self] handle in
      if let result { answer(handle, result) } else { joining.append(handle) }
    }
  }

  /// Cancels the body: its waits throw `CancellationError`.
  public func cancel() {
    layer.verifyThread()
    isCancelled = true
    task?.cancel()
  }

  func started(_ task: Task<Void, Never>) {
    self.task = task
    if isCancelled { task.cancel() }
  }

  func end(_ result: Result<T, any Error>) {
    self.result = result
    task = nil
    let handles = joining
    joining.removeAll()
    for handle in handles { answer(handle, result) }
  }

  private func answer(_ handle: WaitHandle<T>, _ result: Result<T, any Error>) {
    switch result {
    case .success(let value): handle.succeed(value)
    case .failure(let error): handle.fail(error)
    }
  }
}

import HostFiles
import SimulationRuntime
import StreamSpaceProtocol

/// The simulator's arm: processes on one host that mount one volume.
final class SimulatedFiles: FileArm {
  struct NotRunning: Error {
    let process: String
  }

  private final class Idle: Program {
    func start() {}
    func terminate() {}
  }

  private final class User {
    let process: SimulatedProcess
    let files: any HostFileSystem
    var descriptors: [Int: FileDescriptor] = [:]

    init(_ process: SimulatedProcess, _ files: any HostFileSystem) {
      self.process = process
      self.files = files
    }
  }

  let simulation = Simulation(.init(seed: 1))
  let volume: HostVolume
  private var users: [String: User] = [:]
  private var appearances = Appearances<Inode>()

  init() {
    volume = HostVolume("locks", of: simulation)
    volume.mount(on: simulation.host("docker-host"))
  }

  deinit { simulation.tearDown() }

  func spawn(_ process: String) throws {
    let simulated =
      try simulation.process(process)
      ?? simulation.addProcess(process, on: simulation.host("docker-host")) { _ in Idle() }
    simulated.start()
    guard let life = simulated.current else { throw NotRunning(process: process) }
    users[process] = User(simulated, volume.files(for: life))
  }

  func kill(_ process: String) throws { users[process]?.process.crash() }
  func pause(_ process: String) throws { users[process]?.process.pause() }
  func resume(_ process: String) throws { users[process]?.process.resume() }

  private func user(_ process: String) throws -> User {
    guard let user = users[process], user.process.isRunning else { throw NotRunning(process: process) }
    return user
  }

  private func descriptor(_ process: String, _ slot: Int) throws -> (any HostFileSystem, FileDescriptor) {
    let user = try user(process)
    guard let descriptor = user.descriptors[slot] else {
      throw HostFileError.badDescriptor(FileDescriptor(number: Int32(slot)))
    }
    return (user.files, descriptor)
  }

  func open(_ process: String, _ slot: Int, _ path: String) throws {
    let user = try user(process)
    user.descriptors[slot] = try user.files.open(path, .creating)
  }

  func close(_ process: String, _ slot: Int) throws {
    let (files, descriptor) = try descriptor(process, slot)
    try files.close(descriptor)
  }

  func lock(_ process: String, _ slot: Int) throws -> Bool {
    let (files, descriptor) = try descriptor(process, slot)
    return try files.lock(descriptor)
  }

  func unlock(_ process: String, _ slot: Int) throws {
    let (files, descriptor) = try descriptor(process, slot)
    try files.unlock(descriptor)
  }

  func write(_ process: String, _ slot: Int, _ text: String) throws {
    let (files, descriptor) = try descriptor(process, slot)
    try files.write(Array(text.utf8), to: descriptor)
  }

  func read(_ process: String, _ slot: Int) throws -> String {
    let (files, descriptor) = try descriptor(process, slot)
    return String(decoding: try files.read(descriptor), as: UTF8.self)
  }

  func file(_ process: String, of slot: Int) throws -> Int {
    let (files, descriptor) = try descriptor(process, slot)
    return appearances.number(of: try files.inode(of: descriptor))
  }

  func file(_ process: String, at path: String) throws -> Int? {
    guard let inode = try user(process).files.inode(at: path) else { return nil }
    return appearances.number(of: inode)
  }

  func unlink(_ process: String, _ path: String) throws { try user(process).files.unlink(path) }

  func rename(_ process: String, _ path: String, _ newPath: String) throws {
    try user(process).files.rename(path, to: newPath)
  }
}

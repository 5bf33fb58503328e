import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import HostFiles

@Suite("A volume of files")
struct HostVolumeTests {
  private final class Idle: Program {
    func start() {}
    func terminate() {}
  }

  private let simulation = Simulation(.init(seed: 1))

  private func process(_ name: String, on host: String = "host-1") throws -> SimulatedProcess {
    let process = try simulation.addProcess(name, on: simulation.host(host)) { _ in Idle() }
    process.start()
    return process
  }

  private func volume(on hosts: String...) -> HostVolume {
    let volume = HostVolume("locks", of: simulation)
    for host in hosts { volume.mount(on: simulation.host(host)) }
    return volume
  }

  @Test("every way to die frees the lock; a pause does not")
  func ends() throws {
    let volume = volume(on: "host-1")
    let second = volume.files(for: try #require(try process("b").current))
    let other = try second.open("lock", .creating)
    let ends: [(String, (SimulatedProcess) -> Void)] = [
      ("crash", { $0.crash() }), ("vanish", { $0.vanish() }), ("exit", { $0.current?.exit("done") }),
    ]
    for (name, end) in ends {
      let process = try process("a-\(name)")
      let files = volume.files(for: try #require(process.current))
      let mine = try files.open("lock", .writing)
      #expect(try files.lock(mine))
      process.pause()
      #expect(try !second.lock(other))
      #expect(volume.lockHolder(at: "lock") === process)
      process.resume()
      end(process)
      #expect(throws: HostFileError.processEnded) { try files.read(mine) }
      #expect(volume.lockHolder(at: "lock") == nil)
      #expect(try second.lock(other), "\(name)")
      try second.unlock(other)
    }
  }

  @Test("hosts that mount one volume share its locks; volumes of their own share nothing")
  func sharing() throws {
    let shared = volume(on: "host-1", "host-2")
    let first = try #require(try process("a", on: "host-1").current)
    let second = try #require(try process("b", on: "host-2").current)
    let files = [shared.files(for: first), shared.files(for: second)]
    #expect(try files[0].lock(files[0].open("lock", .creating)))
    #expect(try !files[1].lock(files[1].open("lock", .creating)))
    #expect(shared.hostNames == ["host-1", "host-2"])
    let own = volume(on: "host-2").files(for: second)
    #expect(try own.lock(own.open("lock", .creating)))
    let foreign = volume(on: "host-1").files(for: second)
    #expect(throws: HostFileError.notMounted(volume: "locks", host: "host-2")) { try foreign.open("lock", .creating) }
  }

  @Test("opening asks for what it says")
  func modes() throws {
    let volume = volume(on: "host-1")
    let files = volume.files(for: try #require(try process("a").current))
    #expect(throws: HostFileError.notFound(path: "f")) { try files.open("f", .reading) }
    #expect(throws: HostFileError.notFound(path: "f")) { try files.open("f", .writing) }
    let first = try files.open("f", .creatingNew)
    #expect(throws: HostFileError.alreadyExists(path: "f")) { try files.open("f", .creatingNew) }
    try files.write([1, 2, 3], to: first)
    let second = try files.open("f", .creating)
    #expect(try files.read(second) == [1, 2, 3])
    #expect(try files.inode(of: first) == files.inode(of: second))
    let third = try files.open("f", .reading)
    #expect(throws: HostFileError.notWritable(third)) { try files.write([4], to: third) }
    try files.close(third)
    #expect(throws: HostFileError.badDescriptor(third)) { try files.read(third) }
    #expect(volume.paths == ["f"])
  }

  @Test("faults refuse what they say, count it, and end")
  func faults() throws {
    let volume = volume(on: "host-1")
    let files = volume.files(for: try #require(try process("a").current))
    let file = try files.open("f", .creating)
    try files.write([1, 2, 3], to: file)

    let readOnly = volume.begin(.readOnly, lasting: .seconds(1))
    #expect(throws: HostFileError.readOnlyVolume(name: "locks")) { try files.write([4], to: file) }
    #expect(throws: HostFileError.readOnlyVolume(name: "locks")) { try files.open("g", .creating) }
    #expect(throws: HostFileError.readOnlyVolume(name: "locks")) { try files.unlink("f") }
    #expect(try files.lock(files.open("f", .reading)))
    #expect(readOnly.touched == 3)
    try simulation.run(for: .seconds(2))

    let full = volume.begin(.diskFull)
    #expect(throws: HostFileError.noSpace(volume: "locks")) { try files.open("g", .creating) }
    #expect(throws: HostFileError.noSpace(volume: "locks")) { try files.write([1, 2, 3, 4], to: file) }
    try files.write([9, 8, 7], to: file)
    #expect(full.touched == 2)
    volume.end(full)
    try files.write([1, 2, 3, 4], to: file)

    let unlinked = volume.begin(.unlinked(path: "f"))
    #expect(unlinked.touched == 1)
    #expect(try files.inode(at: "f") == nil)
    #expect(try files.read(file) == [1, 2, 3, 4])
    #expect(volume.begin(.unlinked(path: "f")).touched == 0)
    #expect(simulation.faults.inert.map(\.name) == ["volume(unlink f)"])
  }
}

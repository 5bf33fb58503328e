import SimulationRuntime
import StreamSpaceProtocol

/// A volume of files that outlives processes. Several hosts may mount it (`TDf` of spec/06 §0.1), or each container has
/// a volume of its own under the same path, which shares nothing.
package final class HostVolume {
  /// Names the volume in errors and in the trace.
  package let name: String
  private let simulation: Simulation
  /// Told after each change of a file or a name.
  package var onChange: (() -> Void)?
  private var hosts: [Host] = []
  private var names: [String: FileNode] = [:]
  private var nextInode: UInt64 = 2
  private var active: [(fault: VolumeFault, record: FaultRecord)] = []

  private static let begun = EventLabel("volume.fault.begun")
  private static let ended = EventLabel("volume.fault.ended")

  package init(_ name: String, of simulation: Simulation) {
    self.name = name
    self.simulation = simulation
  }

  // MARK: Hosts

  /// Lets processes of a host use the volume.
  package func mount(on host: Host) {
    if !isMounted(on: host) { hosts.append(host) }
  }

  /// Names of the hosts that mount it, in the order of mounting. No process can ask for this: a real one knows only
  /// what its own host shows it.
  package var hostNames: [String] { hosts.map(\.name) }

  func isMounted(on host: Host) -> Bool { hosts.contains { $0 === host } }

  /// The volume as one process life sees it.
  package func files(for incarnation: Incarnation) -> any HostFileSystem {
    ProcessFiles(incarnation, volume: self)
  }

  // MARK: Observation

  /// What a path holds now; nil when there is nothing.
  package func content(of path: String) -> [UInt8]? { names[path]?.bytes }

  /// The file a path leads to; nil when there is nothing.
  package func inode(at path: String) -> Inode? { names[path]?.inode }

  /// The process whose life holds the lock of the file a path leads to; nil when it is free or there is no file.
  package func lockHolder(at path: String) -> SimulatedProcess? { names[path]?.lockHolder?.owner.process }

  /// The names, sorted.
  package var paths: [String] { names.keys.sorted() }

  // MARK: Faults

  /// Begins a fault; it lasts until ``end(_:)`` or, with a duration, until that has passed.
  @discardableResult
  package func begin(_ fault: VolumeFault, lasting duration: TimeSpan? = nil) -> FaultRecord {
    let record = simulation.faults.begin(fault.text, at: simulation.now)
    simulation.note(Self.begun, ("volume", .text(name)), ("fault", .text(fault.text)))
    active.append((fault, record))
    if case .unlinked(let path) = fault {
      if names.removeValue(forKey: path) != nil { record.touch(at: simulation.now) }
      end(record)
      onChange?()
    } else if let duration {
      simulation.schedule(after: duration, Self.ended) { [self] in end(record) }
    }
    return record
  }

  /// Ends a fault; does nothing if it has ended.
  package func end(_ record: FaultRecord) {
    guard let index = active.firstIndex(where: { $0.record === record }) else { return }
    let fault = active.remove(at: index).fault
    simulation.faults.end(record, at: simulation.now)
    simulation.note(Self.ended, ("volume", .text(name)), ("fault", .text(fault.text)))
  }

  /// Counts a call that a fault in force refuses; false if none does.
  private func refuses(_ fault: VolumeFault) -> Bool {
    guard let record = active.first(where: { $0.fault == fault })?.record else { return false }
    record.touch(at: simulation.now)
    return true
  }

  // MARK: What processes do

  func node(at path: String) -> FileNode? { names[path] }

  func checkWritable() throws(HostFileError) {
    if refuses(.readOnly) { throw .readOnlyVolume(name: name) }
  }

  func create(_ path: String) throws(HostFileError) -> FileNode {
    try checkWritable()
    if refuses(.diskFull) { throw .noSpace(volume: name) }
    let node = FileNode(inode: Inode(number: nextInode))
    nextInode += 1
    names[path] = node
    return node
  }

  func write(_ bytes: [UInt8], to node: FileNode) throws(HostFileError) {
    try checkWritable()
    if bytes.count > node.bytes.count, refuses(.diskFull) { throw .noSpace(volume: name) }
    node.bytes = bytes
    onChange?()
  }

  func unlink(_ path: String) throws(HostFileError) {
    try checkWritable()
    guard names.removeValue(forKey: path) != nil else { throw .notFound(path: path) }
    onChange?()
  }

  func rename(_ path: String, to newPath: String) throws(HostFileError) {
    try checkWritable()
    guard let node = names[path] else { throw .notFound(path: path) }
    names[path] = nil
    names[newPath] = node
    onChange?()
  }
}

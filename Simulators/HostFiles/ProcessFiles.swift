import SimulationRuntime
import StreamSpaceProtocol

/// The files of a volume in the hands of one process life.
final class ProcessFiles: HostFileSystem {
  private let owner: Incarnation
  private let volume: HostVolume
  private var files: [Int32: OpenFile] = [:]
  /// 0 to 2 are the standard streams.
  private var nextNumber: Int32 = 3

  init(_ owner: Incarnation, volume: HostVolume) {
    self.owner = owner
    self.volume = volume
  }

  func open(_ path: String, _ mode: FileOpenMode) throws(HostFileError) -> FileDescriptor {
    try checkAccess()
    let existing = volume.node(at: path)
    let node: FileNode
    switch (mode, existing) {
    case (.creatingNew, .some): throw .alreadyExists(path: path)
    case (.creating, nil), (.creatingNew, nil): node = try volume.create(path)
    case (.reading, nil), (.writing, nil): throw .notFound(path: path)
    case (.reading, .some(let found)): node = found
    case (.writing, .some(let found)), (.creating, .some(let found)):
      try volume.checkWritable()
      node = found
    }
    let descriptor = FileDescriptor(number: nextNumber)
    nextNumber += 1
    files[descriptor.number] = OpenFile(node, isWritable: mode != .reading, owner: owner)
    return descriptor
  }

  func read(_ descriptor: FileDescriptor) throws(HostFileError) -> [UInt8] {
    try file(descriptor).node.bytes
  }

  func write(_ bytes: [UInt8], to descriptor: FileDescriptor) throws(HostFileError) {
    let file = try file(descriptor)
    guard file.isWritable else { throw .notWritable(descriptor) }
    try volume.write(bytes, to: file.node)
  }

  func inode(of descriptor: FileDescriptor) throws(HostFileError) -> Inode { try file(descriptor).node.inode }

  func inode(at path: String) throws(HostFileError) -> Inode? {
    try checkAccess()
    return volume.node(at: path)?.inode
  }

  func unlink(_ path: String) throws(HostFileError) {
    try checkAccess()
    try volume.unlink(path)
  }

  func rename(_ path: String, to newPath: String) throws(HostFileError) {
    try checkAccess()
    try volume.rename(path, to: newPath)
  }

  func lock(_ descriptor: FileDescriptor) throws(HostFileError) -> Bool {
    let file = try file(descriptor)
    return file.node.lock(by: file)
  }

  func unlock(_ descriptor: FileDescriptor) throws(HostFileError) {
    let file = try file(descriptor)
    file.node.unlock(by: file)
  }

  func close(_ descriptor: FileDescriptor) throws(HostFileError) {
    try file(descriptor).close()
    files[descriptor.number] = nil
  }

  private func file(_ descriptor: FileDescriptor) throws(HostFileError) -> OpenFile {
    try checkAccess()
    guard let file = files[descriptor.number] else { throw .badDescriptor(descriptor) }
    return file
  }

  private func checkAccess() throws(HostFileError) {
    guard owner.isAlive else { throw .processEnded }
    guard volume.isMounted(on: owner.host) else { throw .notMounted(volume: volume.name, host: owner.host.name) }
  }
}

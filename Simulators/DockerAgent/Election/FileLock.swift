import StreamSpaceProtocol

/// The lock as a file (C29): a record that ages, and a lock of the operating system for the life of the leader.
///
/// Whoever gets the `flock` of the file that the path leads to knows that the writer of its record has ended. A hung
/// leader keeps its `flock`; its successor puts a new file in the place of the old one, and the old leader finds another
/// inode at the path before it acts. Changes of the path happen under a second lock, held for that step only.
final class FileLock: LockBackend {
  private let files: any HostFileSystem
  private let path: String
  private let identity: String
  private let behaviour: LockElectionBehaviour
  /// The leader's file, open and locked.
  private var held: FileDescriptor?

  init(files: any HostFileSystem, path: String, identity: String, behaviour: LockElectionBehaviour) {
    self.files = files
    self.path = path
    self.identity = identity
    self.behaviour = behaviour
  }

  /// `LOCK_FILE_PATH` when nothing is configured (spec/03 §1.1).
  static func defaultPath(agentID: String) -> String { "/var/run/streamspace/docker-agent-\(agentID).lock" }

  var agesRecords: Bool { behaviour.fileLocking == .leased }
  var keepsWrites: Bool { true }
  var mayBeUnshared: Bool { true }

  private var guardPath: String { path + ".guard" }
  private var newPath: String { "\(path).\(identity)" }

  func read(_ completion: @escaping (LockReadOutcome) -> Void) {
    do throws(HostFileError) {
      completion(.found(try reading()))
    } catch {
      completion(.failed(error.description))
    }
  }

  private func reading() throws(HostFileError) -> LockReading {
    guard try files.inode(at: path) != nil else { return LockReading(text: nil) }
    let file = try files.open(path, .reading)
    defer { close(file) }
    var isMine = false
    if let held { isMine = try files.inode(of: held) == files.inode(of: file) }
    // The lock is free again when the descriptor is closed.
    let isFree = isMine ? false : try files.lock(file)
    return LockReading(text: try text(of: file), isHolderGone: isFree)
  }

  func write(_ write: LockWrite, _ completion: @escaping (LockWriteOutcome, Int) -> Void) {
    do throws(HostFileError) {
      completion(try store(write) ? .stored : .conflict, 0)
    } catch {
      completion(.failed(error.description), 0)
    }
  }

  private func store(_ write: LockWrite) throws(HostFileError) -> Bool {
    if behaviour.fileLocking == .lockOnly { return try storeUnderLock(write.record) }
    let gate = try files.open(guardPath, .creating)
    defer { close(gate) }
    guard try files.lock(gate) else { return false }
    guard try isExpected(write.over) else { return false }
    if let held, try files.inode(of: held) == files.inode(at: path) {
      try files.write(bytes(write.record), to: held)
      return true
    }
    return try replace(with: write.record)
  }

  /// Writes the record into a new file, locks that and gives it the path: in one step there is a new inode with a new
  /// record at the path.
  private func replace(with record: LockRecord) throws(HostFileError) -> Bool {
    let file = try files.open(newPath, .creating)
    var isKept = false
    defer { if !isKept { close(file) } }
    guard try files.lock(file) else { return false }
    try files.write(bytes(record), to: file)
    try files.rename(newPath, to: path)
    guard record.holder == .replica(identity) else { return true }
    letGo()
    held = file
    isKept = true
    return true
  }

  /// The shipped way (B-52): whoever gets the lock of the open file leads, and rewrites that file whatever became of its
  /// name.
  private func storeUnderLock(_ record: LockRecord) throws(HostFileError) -> Bool {
    if let held {
      try files.write(bytes(record), to: held)
      return true
    }
    let file = try files.open(path, .creating)
    guard try files.lock(file) else {
      close(file)
      return false
    }
    try files.write(bytes(record), to: file)
    held = file
    return true
  }

  private func isExpected(_ expectation: LockExpectation) throws(HostFileError) -> Bool {
    switch expectation {
    case .anything: true
    case .absent: try files.inode(at: path) == nil
    case .text(let text): try reading().text == text
    }
  }

  /// A missing file, or one in nobody's name, is a lost record: the leader writes its own again at its next round, and
  /// until its authority ends nobody else may act.
  func permits(_ record: LockRecord) -> Bool {
    guard behaviour.fileLocking == .leased else { return held != nil }
    do throws(HostFileError) {
      guard let held, let inode = try files.inode(at: path) else { return held != nil }
      let reading = try reading()
      if inode == (try files.inode(of: held)) { return reading.record?.holder == record.holder }
      return reading.record?.holder == .unknown
    } catch {
      return false
    }
  }

  func letGo() {
    if let held { close(held) }
    held = nil
  }

  func close() { letGo() }

  /// Closing can only fail for a descriptor that is closed already.
  private func close(_ descriptor: FileDescriptor) { try? files.close(descriptor) }

  private func text(of descriptor: FileDescriptor) throws(HostFileError) -> String {
    var bytes = try files.read(descriptor)
    if bytes.last == 10 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func bytes(_ record: LockRecord) -> [UInt8] { Array((record.text + "\n").utf8) }
}

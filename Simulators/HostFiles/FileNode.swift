import StreamSpaceProtocol

/// A file: it lives as long as a name or an open description leads to it.
final class FileNode {
  let inode: Inode
  var bytes: [UInt8] = []
  /// Who holds the lock, dead or alive.
  private weak var locker: OpenFile?

  init(inode: Inode) { self.inode = inode }

  /// The open description that holds the lock; nil as well when its process has ended or closed it.
  var lockHolder: OpenFile? {
    guard let locker, locker.isOpen else { return nil }
    return locker
  }

  /// `flock(LOCK_EX | LOCK_NB)`.
  func lock(by file: OpenFile) -> Bool {
    if let holder = lockHolder, holder !== file { return false }
    locker = file
    return true
  }

  func unlock(by file: OpenFile) {
    if locker === file { locker = nil }
  }
}

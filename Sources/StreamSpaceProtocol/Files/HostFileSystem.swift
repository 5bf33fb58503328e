/// The files of a host as one process life sees them: the calls of POSIX that a lock file needs.
///
/// Descriptors belong to the process life. When it ends, however it ends, the kernel closes them and frees their locks; a
/// stopped process keeps both. A file lives until nothing names it and nobody has it open. Calls take no time worth
/// modelling: the file system of a lock is local, or the operating system answers from its cache.
package protocol HostFileSystem: AnyObject {
  /// Opens a file; the descriptor is an open file description of its own, also for a file that is open already.
  func open(_ path: String, _ mode: FileOpenMode) throws(HostFileError) -> FileDescriptor

  /// All bytes of the file.
  func read(_ descriptor: FileDescriptor) throws(HostFileError) -> [UInt8]

  /// Makes `bytes` the whole content: writes them from the beginning, then cuts what is left behind them. On a full disk
  /// only what fits in the present length can be written.
  func write(_ bytes: [UInt8], to descriptor: FileDescriptor) throws(HostFileError)

  /// Inode of an open file, whether a path still leads to it or not.
  func inode(of descriptor: FileDescriptor) throws(HostFileError) -> Inode

  /// Inode of what a path leads to; nil when there is nothing.
  func inode(at path: String) throws(HostFileError) -> Inode?

  /// Removes the name; open descriptors keep the file.
  func unlink(_ path: String) throws(HostFileError)

  /// Gives a file another name; what had that name is unlinked in the same step.
  func rename(_ path: String, to newPath: String) throws(HostFileError)

  /// `flock(LOCK_EX | LOCK_NB)`: whether the lock is now held by this open file description. False: another open
  /// description of the same file holds it (`EWOULDBLOCK`).
  func lock(_ descriptor: FileDescriptor) throws(HostFileError) -> Bool

  /// `flock(LOCK_UN)`; does nothing without a lock.
  func unlock(_ descriptor: FileDescriptor) throws(HostFileError)

  /// Closes the descriptor and frees its lock.
  func close(_ descriptor: FileDescriptor) throws(HostFileError)
}

/// An open file of one process life.
package struct FileDescriptor: Sendable, Hashable {
  package let number: Int32

  package init(number: Int32) { self.number = number }
}

/// Identity of a file within its volume; never used again for another while the file lives.
package struct Inode: Sendable, Hashable {
  package let number: UInt64

  package init(number: UInt64) { self.number = number }
}

/// How a file is opened.
package enum FileOpenMode: Sendable, Hashable {
  /// `O_RDONLY`.
  case reading
  /// `O_RDWR`; the file must exist.
  case writing
  /// `O_RDWR | O_CREAT`, mode 0644: an existing file is opened as it is.
  case creating
  /// `O_RDWR | O_CREAT | O_EXCL`, mode 0644: fails if the path exists.
  case creatingNew
}

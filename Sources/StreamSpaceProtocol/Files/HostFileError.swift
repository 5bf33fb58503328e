/// Why a call of ``HostFileSystem`` failed, with the name POSIX has for it.
package enum HostFileError: Error, Sendable, Hashable {
  /// `ENOENT`: nothing has that name.
  case notFound(path: String)
  /// `EEXIST`: something has that name already.
  case alreadyExists(path: String)
  /// `EROFS`: the volume takes no changes.
  case readOnlyVolume(name: String)
  /// `ENOSPC`: the volume has no room for a new file or more bytes.
  case noSpace(volume: String)
  /// `EACCES`: opened for reading only.
  case notWritable(FileDescriptor)
  /// `EBADF`: never opened, or closed.
  case badDescriptor(FileDescriptor)
  /// `ENODEV`: this host does not mount the volume.
  case notMounted(volume: String, host: String)
  /// The process life that asks has ended.
  case processEnded
}

extension HostFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFound(let path): "\(path): no such file or directory"
    case .alreadyExists(let path): "\(path): file exists"
    case .readOnlyVolume(let name): "\(name): read-only file system"
    case .noSpace(let volume): "\(volume): no space left on device"
    case .notWritable(let descriptor): "descriptor \(descriptor.number): permission denied"
    case .badDescriptor(let descriptor): "descriptor \(descriptor.number): bad file descriptor"
    case .notMounted(let volume, let host): "\(volume) on \(host): no such device"
    case .processEnded: "the process has ended"
    }
  }
}

import Foundation

/// The file in which a process's number stands: in its first line, and its start in the second if we wrote it.
struct PIDFile {
  let path: String

  enum Refusal: Error, Hashable, CustomStringConvertible {
    case absent(String)
    case unreadable(String)
    /// The process has gone.
    case gone(Int32)
    /// Another process has the number now.
    case reused(Int32)

    var description: String {
      switch self {
      case .absent(let path): "there is no pid file \(path)"
      case .unreadable(let path): "\(path) holds no process id"
      case .gone(let pid): "process \(pid) has ended"
      case .reused(let pid): "process \(pid) is another one, which began after the pid file was written"
      }
    }
  }

  /// Two seconds: what a clock that is set while the machine runs, and a file system of whole seconds, may be off.
  private static let tolerance = 2.0

  /// The process that the file is about.
  func read() throws(Refusal) -> ProcessIdentity {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw .absent(path) }
    let lines = text.split(whereSeparator: \.isWhitespace)
    guard let first = lines.first, let pid = Int32(first), pid > 1 else { throw .unreadable(path) }
    guard let found = ProcessIdentity.current(pid) else { throw .gone(pid) }
    if lines.count > 1 {
      guard let start = UInt64(lines[1]) else { throw .unreadable(path) }
      guard found.start == start else { throw .reused(pid) }
      return found
    }
    // A file without the start is believed as far as it is younger than the process.
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let written = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970, let began = found.began else {
      throw .unreadable(path)
    }
    guard began <= written + Self.tolerance else { throw .reused(pid) }
    return found
  }

  func write(_ process: ProcessIdentity) -> Bool {
    (try? Data("\(process.pid)\n\(process.start)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic))
      != nil
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

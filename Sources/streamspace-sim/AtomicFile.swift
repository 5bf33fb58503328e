import Foundation

/// A file that appears whole or not at all: it is written beside its place and moved there.
enum AtomicFile {
  /// `flag` is the option that named the file, for the message.
  static func write(_ text: String, to path: String, flag: String) throws {
    let target = URL(fileURLWithPath: path)
    let temporary = target.deletingLastPathComponent()
      .appendingPathComponent(".\(target.lastPathComponent).writing-\(getpid())")
    do {
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: temporary)
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw UsageError("\(flag): cannot write beside '\(path)': \((error as NSError).localizedDescription)")
    }
    guard rename(temporary.path, target.path) == 0 else {
      try? FileManager.default.removeItem(at: temporary)
      throw UsageError("\(flag): cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
  }
}

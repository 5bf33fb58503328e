import Foundation
import Reporting

/// Where reports go. Every file appears whole or not at all: it is written beside its place and moved there.
struct ReportFolder {
  private let url: URL
  /// The option that names it, for errors.
  private let flag: String

  /// Throws a usage error that names the folder if it cannot be written to.
  init(_ path: String, flag: String = "--reports") throws {
    self.flag = flag
    guard !path.isEmpty else { throw UsageError("\(flag): the folder has no name") }
    url = URL(fileURLWithPath: path, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw UsageError("\(flag): cannot make the folder '\(path)': \(Self.reason(error))")
    }
    guard FileManager.default.isWritableFile(atPath: url.path) else {
      throw UsageError("\(flag): the folder '\(path)' is not writable")
    }
  }

  func write(_ files: [ReportFile]) throws {
    let staging = url.appendingPathComponent(".writing-\(getpid())", isDirectory: true)
    defer { try? FileManager.default.removeItem(at: staging) }
    do {
      try FileManager.default.createDirectory(at: staging, withIntermediateDirectories: true)
      for (number, file) in files.enumerated() {
        let target = url.appendingPathComponent(file.name)
        try FileManager.default.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        let temporary = staging.appendingPathComponent("\(number)")
        try Data(file.bytes).write(to: temporary)
        guard rename(temporary.path, target.path) == 0 else {
          throw UsageError("\(flag): cannot write '\(target.path)': \(String(cString: strerror(errno)))")
        }
      }
    } catch let error as UsageError {
      throw error
    } catch {
      throw UsageError("\(flag): cannot write into '\(url.path)': \(Self.reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying?.localizedDescription ?? (error as NSError).localizedDescription
  }
}

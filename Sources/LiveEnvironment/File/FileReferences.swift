#if Live
  import Yams

  /// Names that a file defines, and names that it uses: what is defined twice or not at all is found when all is read.
  final class FileReferences {
    private var defined: [String: Mark?] = [:]
    private(set) var drivers: [(name: String, key: String, mark: Mark?)] = []

    /// Complains of a name that stands in the same list already.
    func define(_ name: String, _ list: String, _ mark: Mark?, _ problems: FileProblems) {
      if let first = defined["\(list)/\(name)"] {
        problems.add("'\(name)' stands twice in \(list)\(Self.place(of: first))", at: mark)
      } else {
        defined["\(list)/\(name)"] = .some(mark)
      }
    }

    /// Complains of two replicas at one address: then one of them is not tested at all.
    func defineAddress(_ address: String, _ mark: Mark?, _ problems: FileProblems) {
      if let first = defined["address/\(address)"] {
        problems.add("\(address) is the address of another replica\(Self.place(of: first))", at: mark)
      } else {
        defined["address/\(address)"] = .some(mark)
      }
    }

    /// Names of `safety.allow`.
    private(set) var allowed: [(name: String, mark: Mark?)] = []

    func allow(_ name: String, _ mark: Mark?) { allowed.append((name, mark)) }

    func use(driver: String, _ key: String, _ mark: Mark?) { drivers.append((driver, key, mark)) }

    private static func place(of mark: Mark?) -> String { mark.map { ", first in line \($0.line)" } ?? "" }
  }
#endif

#if Live
  import Foundation
  import Yams

  /// The one YAML document of an environment file, with what hostile input could do kept out.
  enum YAMLDocument {
    /// A file of three replicas, five agents and their drivers has 6 KiB.
    static let maximumBytes = 256 * 1024
    /// What an environment file needs is five levels.
    static let maximumDepth = 12
    /// A file that repeats itself by aliases can say more than memory holds, and comparing keys would take for ever:
    /// with so few there is nothing to repeat. None is accepted in the end, see ``refusal(in:)``.
    static let maximumAliases = 16

    /// - Throws: what is wrong, one problem: a broken document has no sections to look for more in.
    static func root(of bytes: Data, file: String) throws(EnvironmentFileError) -> Node {
      func refuse(_ message: String, _ line: Int = 0, _ column: Int = 0) -> EnvironmentFileError {
        EnvironmentFileError([FileProblem(file: file, line: line, column: column, message: message)])
      }
      guard bytes.count <= maximumBytes else {
        throw refuse("the file has \(bytes.count) bytes; an environment file has at most \(maximumBytes)")
      }
      guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
        throw refuse("this is no text in UTF-8")
      }
      guard aliases(in: text) <= maximumAliases else {
        throw refuse("aliases (*name) are not accepted; write what they stand for")
      }
      do {
        // The nodes hold their anchors weakly: the parser must live as long as they are looked at.
        let parser = try Parser(yaml: text, encoding: .utf8)
        guard let root = try parser.singleRoot() else { throw refuse("the file is empty") }
        let problem = withExtendedLifetime(parser) { refusal(in: root) }
        if let problem { throw refuse(problem.message, problem.mark?.line ?? 0, problem.mark?.column ?? 0) }
        return root
      } catch let error as EnvironmentFileError {
        throw error
      } catch let error as YamlError {
        let (message, mark) = words(for: error)
        throw refuse(message, mark?.line ?? 0, mark?.column ?? 0)
      } catch {
        throw refuse("it cannot be read as YAML")
      }
    }

    /// How often something that looks like an alias stands in the text, also in comments and quotes.
    private static func aliases(in text: String) -> Int {
      var count = 0
      var previous = UInt8(ascii: "\n")
      var isAfterStar = false
      for byte in text.utf8 {
        let isName = byte > 0x20 && !",[]{}*".utf8.contains(byte)
        if isAfterStar, isName { count += 1 }
        isAfterStar = byte == UInt8(ascii: "*") && (previous <= 0x20 || ",[{:-?!".utf8.contains(previous))
        previous = byte
      }
      return count
    }

    /// What no environment file has: anchors, and more levels than there are keys for. Ends at the first, so a document
    /// that repeats itself is not walked through.
    private static func refusal(in node: Node, depth: Int = 1) -> (message: String, mark: Mark?)? {
      if depth > maximumDepth { return ("nested more than \(maximumDepth) levels deep", node.mark) }
      if node.anchor != nil { return ("anchors (&name) and aliases (*name) are not accepted", node.mark) }
      switch node {
      case .mapping(let mapping):
        for (key, value) in mapping {
          if let found = refusal(in: key, depth: depth + 1) ?? refusal(in: value, depth: depth + 1) { return found }
        }
      case .sequence(let sequence):
        for element in sequence {
          if let found = refusal(in: element, depth: depth + 1) { return found }
        }
      case .scalar: break
      case .alias: return ("aliases (*name) are not accepted", node.mark)
      }
      return nil
    }

    private static func words(for error: YamlError) -> (String, Mark?) {
      switch error {
      case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
        .composer(let context, let problem, let mark, _):
        let around = context.map { " (\($0.text))" } ?? ""
        return ("not YAML: \(problem)\(around)", mark)
      case .reader(let problem, _, _, _): return ("not YAML: \(problem)", nil)
      case .duplicatedKeysInMapping(let keys, let context):
        return ("the key \(keys.map { "'\($0)'" }.joined(separator: ", ")) stands twice in one section", context.mark)
      default: return ("it cannot be read as YAML", nil)
      }
    }
  }
#endif

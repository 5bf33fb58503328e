import StreamSpaceProtocol
import Synchronization

/// What a statement's text is to the simulated database.
enum Translation: Hashable, Sendable {
  case statement(TranslatedStatement)
  case definition(DefinitionStatement)
  /// `SQLCatalogue.query`.
  case catalogue

  static func translate(_ text: String) throws(SQLError) -> Translation {
    if text == SQLCatalogue.query.text { return .catalogue }
    let nodes = try PostgresNode.tree(of: PostgresLexer.tokens(of: text))
    if let definition = try DefinitionParser.parse(nodes) { return .definition(definition) }
    return .statement(try PostgresTranslator.translate(nodes))
  }
}

/// Translations shared by all databases. A translation depends on its text alone, so sharing cannot change a run; the lock
/// is for runs on several threads.
package final class TranslationCache: Sendable {
  /// Statements that are sent often, by identity or name; those sent once by their text, because they share a name.
  private struct Known {
    var statements: [SQLStatement: Translation] = [:]
    var texts: [String: Translation] = [:]
  }

  private let known = Mutex(Known())
  /// Texts that are kept: a run of all migrations has under 1 000 statements, and reading every table of a version 100.
  private static let textLimit = 4_096

  /// That of every database that is not given another.
  package static let shared = TranslationCache()

  package init() {}

  func translation(of statement: SQLStatement) throws(SQLError) -> Translation {
    let found = known.withLock { known in
      statement.isPrepared ? known.statements[statement] : known.texts[statement.text]
    }
    if let found { return found }
    let translation = try Translation.translate(statement.text)
    known.withLock { known in
      if statement.isPrepared {
        known.statements[statement] = translation
      } else {
        if known.texts.count >= Self.textLimit { known.texts.removeAll(keepingCapacity: true) }
        known.texts[statement.text] = translation
      }
    }
    return translation
  }
}

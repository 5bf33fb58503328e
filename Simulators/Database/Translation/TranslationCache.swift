import StreamSpaceProtocol
import Synchronization

/// Translations shared by all databases copied from one image. A translation depends on its text alone, so sharing
/// cannot change a run; the lock is for runs on several threads.
package final class TranslationCache: Sendable {
  private let known = Mutex<[SQLStatement: TranslatedStatement]>([:])

  package init() {}

  func translation(of statement: SQLStatement) throws(SQLError) -> TranslatedStatement {
    if let translation = known.withLock({ $0[statement] }) { return translation }
    let translation = try PostgresTranslator.translate(statement.text)
    known.withLock { $0[statement] = translation }
    return translation
  }
}

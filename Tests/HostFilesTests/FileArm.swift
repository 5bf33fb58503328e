/// One side of the comparison: processes that use files under one folder, real or simulated.
protocol FileArm: AnyObject {
  func spawn(_ process: String) throws
  /// SIGKILL, and waits for the end.
  func kill(_ process: String) throws
  /// SIGSTOP.
  func pause(_ process: String) throws
  /// SIGCONT.
  func resume(_ process: String) throws

  /// Opens a path for reading and writing, creating it, as descriptor `slot` (3 to 9).
  func open(_ process: String, _ slot: Int, _ path: String) throws
  func close(_ process: String, _ slot: Int) throws
  /// `flock(LOCK_EX | LOCK_NB)`: whether the lock is held now.
  func lock(_ process: String, _ slot: Int) throws -> Bool
  func unlock(_ process: String, _ slot: Int) throws
  func write(_ process: String, _ slot: Int, _ text: String) throws
  func read(_ process: String, _ slot: Int) throws -> String
  /// Which file a descriptor is: numbers in the order in which files were first asked for.
  func file(_ process: String, of slot: Int) throws -> Int
  /// Which file a path leads to; nil for none.
  func file(_ process: String, at path: String) throws -> Int?
  func unlink(_ process: String, _ path: String) throws
  func rename(_ process: String, _ path: String, _ newPath: String) throws
}

/// Numbers for things in the order of their first appearance: what two arms can compare.
struct Appearances<Key: Hashable> {
  private var numbers: [Key: Int] = [:]

  mutating func number(of key: Key) -> Int {
    if let known = numbers[key] { return known }
    numbers[key] = numbers.count + 1
    return numbers.count
  }
}

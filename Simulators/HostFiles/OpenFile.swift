import SimulationRuntime

/// An open file description: what a lock belongs to. It ends with its descriptor or with its process life.
final class OpenFile {
  let node: FileNode
  let isWritable: Bool
  let owner: Incarnation
  private var isClosed = false

  init(_ node: FileNode, isWritable: Bool, owner: Incarnation) {
    self.node = node
    self.isWritable = isWritable
    self.owner = owner
  }

  /// A paused process keeps its files open; one that ended, in whatever way, has none.
  var isOpen: Bool { !isClosed && owner.isAlive }

  func close() {
    node.unlock(by: self)
    isClosed = true
  }
}

import RemoteFramebuffer

/// What one action did to a picture: first a move, then pixels anew.
package struct PictureChange: Sendable {
  /// A rectangle whose pixels went elsewhere in the picture.
  package struct Move: Sendable, Hashable {
    package var source: Rectangle
    /// Where the corner of the source came to.
    package var x: Int
    package var y: Int

    package init(source: Rectangle, x: Int, y: Int) {
      self.source = source
      self.x = x
      self.y = y
    }

    package var destination: Rectangle { Rectangle(x: x, y: y, width: source.width, height: source.height) }
  }

  package var move: Move?
  /// What was painted after the move.
  package var damage = Region()
  /// The picture has another size; everything is damaged.
  package var isResized = false

  package init() {}
}

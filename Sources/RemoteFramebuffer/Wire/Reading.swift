/// What an attempt to read a message of variable length came to.
enum Reading<Content> {
  /// More bytes are needed; none was used.
  case incomplete
  /// It was too long and is dropped as it comes.
  case dropped
  case whole(Content)
}

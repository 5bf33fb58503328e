/// Pictures as PNG files: 8 bits a channel, RGB.
package enum PNGImage {
  /// The bytes of the file.
  package static func encode(_ framebuffer: Framebuffer) -> [UInt8] { [] }
}

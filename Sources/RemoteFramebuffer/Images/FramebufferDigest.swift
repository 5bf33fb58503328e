import CCrypto

extension Framebuffer {
  /// SHA-256 in lower-case hexadecimal over width and height as 32-bit numbers and the pixels as red, green and blue
  /// bytes; empty when libcrypto fails.
  package var digest: String {
    guard let context = EVP_MD_CTX_new() else { return "" }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { return "" }
    let sink = ByteSink(capacity: 4096)
    sink.uint32(UInt32(width))
    sink.uint32(UInt32(height))
    for row in 0..<height {
      let place = sink.reserve(3 * width)
      let start = row * width
      for column in 0..<width {
        let colour = pixels[start + column]
        place[3 * column] = UInt8(truncatingIfNeeded: colour >> 16)
        place[3 * column + 1] = UInt8(truncatingIfNeeded: colour >> 8)
        place[3 * column + 2] = UInt8(truncatingIfNeeded: colour)
      }
      sink.advance(3 * width)
      EVP_DigestUpdate(context, sink.base, sink.count)
      sink.truncate(to: 0)
    }
    if sink.count > 0 { EVP_DigestUpdate(context, sink.base, sink.count) }
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { return "" }
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

import CCrypto

/// The name under which a Redis server caches a script: the SHA-1 of the body's bytes in lower-case hexadecimal.
package enum ScriptDigest {
  /// The 40 digits for a body.
  package static func of(_ body: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
    _ = body.withUnsafeBufferPointer { bytes in
      SHA1(bytes.baseAddress, bytes.count, &digest)
    }
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

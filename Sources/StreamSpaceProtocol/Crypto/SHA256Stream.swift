import CCrypto

/// SHA-256 of bytes that come piece by piece, through libcrypto.
package final class SHA256Stream {
  private let context: OpaquePointer?

  package init() {
    context = EVP_MD_CTX_new()
    _ = EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  package func append(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBufferPointer { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
  }

  /// The digest of everything so far, in lower-case hexadecimal; more may follow.
  package var hex: String {
    let copy = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(copy) }
    guard EVP_MD_CTX_copy_ex(copy, context) == 1 else { return "" }
    return Hex.string(
      [UInt8](unsafeUninitializedCapacity: SHA256.digestCount) { output, count in
        var length: UInt32 = 0
        count = EVP_DigestFinal_ex(copy, output.baseAddress, &length) == 1 ? Int(length) : 0
      })
  }
}

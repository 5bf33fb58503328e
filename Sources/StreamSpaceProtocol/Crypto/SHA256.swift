import CCrypto

/// SHA-256 through libcrypto.
package enum SHA256 {
  /// Bytes of a digest.
  package static let digestCount = 32

  /// The digest of bytes.
  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: digestCount) { output, count in
      var length: UInt32 = 0
      let done = bytes.withUnsafeBufferPointer {
        EVP_Digest($0.baseAddress, $0.count, output.baseAddress, &length, EVP_sha256(), nil)
      }
      count = done == 1 ? Int(length) : 0
    }
  }

  /// The digest of a text in lower-case hexadecimal.
  package static func hex(_ text: String) -> String { Hex.string(digest(Array(text.utf8))) }

  /// The digest of bytes in lower-case hexadecimal.
  package static func hex(_ bytes: [UInt8]) -> String { Hex.string(digest(bytes)) }
}

/// HMAC with SHA-256 through libcrypto.
package enum HMACSHA256 {
  /// The code of a message under a key.
  package static func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: SHA256.digestCount) { output, count in
      var length: UInt32 = 0
      let done = key.withUnsafeBufferPointer { key in
        message.withUnsafeBufferPointer { message in
          HMAC(
            EVP_sha256(), key.baseAddress, Int32(key.count), message.baseAddress, message.count, output.baseAddress,
            &length)
        }
      }
      count = done == nil ? 0 : Int(length)
    }
  }
}

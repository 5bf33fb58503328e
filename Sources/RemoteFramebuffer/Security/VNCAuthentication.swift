import CCrypto

/// The challenge and response of security type 2 (spec/04 §1.3).
package enum VNCAuthentication {
  /// Bytes of a challenge and of a response.
  package static let count = 16

  /// The challenge encrypted with the password; empty when libcrypto fails or the challenge has not 16 bytes.
  package static func response(to challenge: [UInt8], password: String) -> [UInt8] {
    guard challenge.count == count, let context = EVP_CIPHER_CTX_new() else { return [] }
    defer { EVP_CIPHER_CTX_free(context) }
    // Triple DES with one key three times is single DES, which a default OpenSSL 3 does not offer.
    let single = key(of: password)
    let key = single + single + single
    guard EVP_EncryptInit_ex(context, EVP_des_ede3_ecb(), nil, key, nil) == 1,
      EVP_CIPHER_CTX_set_padding(context, 0) == 1
    else { return [] }
    var response = [UInt8](repeating: 0, count: count + 8)
    var length: Int32 = 0
    guard EVP_EncryptUpdate(context, &response, &length, challenge, Int32(count)) == 1, length == Int32(count)
    else { return [] }
    return Array(response.prefix(count))
  }

  /// Whether a response fits; the time it takes does not tell how much of it does.
  package static func accepts(_ response: [UInt8], to challenge: [UInt8], password: String) -> Bool {
    let right = self.response(to: challenge, password: password)
    guard right.count == count, response.count == count else { return false }
    var difference: UInt8 = 0
    for index in 0..<count { difference |= right[index] ^ response[index] }
    return difference == 0
  }

  /// The first eight bytes, padded with zeros, each with its bits in reverse.
  private static func key(of password: String) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: 8)
    for (index, byte) in password.utf8.prefix(8).enumerated() {
      for bit in 0..<8 where byte & (1 << UInt8(bit)) != 0 { key[index] |= 0x80 >> UInt8(bit) }
    }
    return key
  }
}

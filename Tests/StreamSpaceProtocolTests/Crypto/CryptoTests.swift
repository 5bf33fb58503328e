import StreamSpaceProtocol
import Testing

@Suite("Hashes and base64")
struct CryptoTests {
  @Test(
    "SHA-256 gives the published digests",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func sha256(_ text: String, _ digest: String) {
    #expect(SHA256.hex(text) == digest)
  }

  @Test("HMAC-SHA-256 gives the codes of RFC 4231, for an empty key and message too")
  func hmac() {
    #expect(
      Hex.string(HMACSHA256.code(Array("Hi There".utf8), key: [UInt8](repeating: 0x0b, count: 20)))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      Hex.string(HMACSHA256.code(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      Hex.string(HMACSHA256.code([], key: [])) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test(
    "base64 gives the texts of RFC 4648",
    arguments: [
      ("", "", ""), ("f", "Zg==", "Zg"), ("fo", "Zm8=", "Zm8"), ("foo", "Zm9v", "Zm9v"), ("foob", "Zm9vYg==", "Zm9vYg"),
      ("fooba", "Zm9vYmE=", "Zm9vYmE"), ("foobar", "Zm9vYmFy", "Zm9vYmFy"),
    ])
  func base64(_ text: String, _ standard: String, _ url: String) {
    let bytes = Array(text.utf8)
    #expect(Base64.encode(bytes) == standard)
    #expect(Base64.encode(bytes, .url) == url)
    #expect(Base64.decode(standard) == bytes)
    #expect(Base64.decode(url, .url) == bytes)
    #expect(Base64.encodedCount(bytes.count) == standard.utf8.count)
    #expect(Base64.encodedCount(bytes.count, .url) == url.utf8.count)
  }

  @Test("any bytes come back from either alphabet", arguments: 0..<20)
  func base64RoundTrip(_ seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    let bytes = dice.bytes(dice.roll(300))
    #expect(Base64.decode(Base64.encode(bytes)) == bytes, "seed \(seed)")
    #expect(Base64.decode(Base64.encode(bytes, .url), .url) == bytes, "seed \(seed)")
  }

  @Test(
    "what is no base64 is refused",
    arguments: ["Z", "Zg", "Zg=", "Zg===", "Z===", "Zm9v\n", "Zm 9", "Zm9-", "====", "m2"])
  func badBase64(_ text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test("the URL alphabet takes no padding and no characters of the other")
  func badURLBase64() {
    #expect(Base64.decode("Zg==", .url) == nil)
    #expect(Base64.decode("a+b/", .url) == nil)
    #expect(Base64.decode("a-b_", .url) == Base64.decode("a+b/"))
    #expect(Base64.decode("A", .url) == nil)
  }

  @Test("hexadecimal text reads back, odd lengths and other characters are refused")
  func hex() {
    #expect(Hex.string([0x00, 0x9f, 0xff]) == "009fff")
    #expect(Hex.bytes("009fFF") == [0x00, 0x9f, 0xff])
    #expect(Hex.bytes("0") == nil && Hex.bytes("0g") == nil)
  }
}

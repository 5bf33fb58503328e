import Testing

@testable import RemoteFramebuffer

@Suite("Pictures as files and digests")
struct ImageTests {
  @Test("a PNG holds the picture")
  func png() throws {
    let picture = testPicture(width: 33, height: 17, seed: 2)
    let file = PNGImage.encode(picture)
    #expect(Array(file.prefix(8)) == bytes("89504e470d0a1a0a"))
    #expect(Array(file[8..<33]).prefix(21) == (bytes("0000000d 49484452 00000021 00000011 0802000000"))[...])
    #expect(Array(file.suffix(12)) == bytes("00000000 49454e44 ae426082"))
    let length = Int(file[33]) << 24 | Int(file[34]) << 16 | Int(file[35]) << 8 | Int(file[36])
    #expect(Array(file[37..<41]) == Array("IDAT".utf8))
    #expect(file.count == 41 + length + 4 + 12)
    var input = InputBuffer()
    input.append(Array(file[41..<(41 + length)]))
    let lines = try input.withBytes { (data) throws(RFBError) in
      guard let base = data.baseAddress else { return [UInt8]() }
      let inflater = Inflater()
      try inflater.begin(base, count: data.count)
      try inflater.fill(Inflater.windowSize)
      return Array(UnsafeBufferPointer(start: inflater.pointer, count: inflater.available))
    }
    #expect(lines.count == 17 * 100)
    for y in 0..<17 {
      for x in 0..<33 {
        let place = y * 100 + 1 + 3 * x
        let colour = UInt32(lines[place]) << 16 | UInt32(lines[place + 1]) << 8 | UInt32(lines[place + 2])
        #expect(colour == picture[x, y])
      }
    }
  }

  @Test("digests tell pictures apart by size and pixels")
  func digest() {
    let picture = testPicture(width: 8, height: 4, seed: 2)
    var other = picture
    #expect(other.digest == picture.digest)
    #expect(picture.digest.count == 64)
    other[7, 3] ^= 1
    #expect(other.digest != picture.digest)
    #expect(Framebuffer(width: 8, height: 4).digest != Framebuffer(width: 4, height: 8).digest)
    // sha256 of eight zero bytes.
    #expect(
      Framebuffer(width: 0, height: 0).digest == "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc")
  }
}

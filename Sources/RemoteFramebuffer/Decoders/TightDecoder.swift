/// How far a Tight rectangle is read.
struct TightProgress {
  var control: UInt8?
}

extension ViewerSession {
  func readRRE() throws(RFBError) -> Bool { throw .unofferedEncoding(.rre) }
  func readHextile() throws(RFBError) -> Bool { throw .unofferedEncoding(.hextile) }
  func readTight() throws(RFBError) -> Bool { throw .unofferedEncoding(.tight) }
}

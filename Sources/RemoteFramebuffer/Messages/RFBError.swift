/// Why an RFB connection has to be closed. Each case says what the peer did wrong.
package enum RFBError: Error, Hashable, Sendable {
  /// Twelve bytes that are no `RFB ddd.ddd` line.
  case badVersion([UInt8])
  /// A major version other than 3.
  case unsupportedVersion(major: Int, minor: Int)
  /// The client chose a security type that was not offered.
  case unofferedSecurityType(UInt8)
  /// None of the security types that the server offers is known here, or it needs a password and there is none.
  case noUsableSecurityType([UInt8])
  /// The response to the challenge does not fit the password; in the viewer's role with the server's reason.
  case authenticationFailed(reason: String)
  /// The server refused the connection, with its reason.
  case refused(reason: String)
  /// A result other than 0 and 1 (and 2).
  case badSecurityResult(UInt32)

  /// A message type after which the stream can no longer be framed.
  case unknownMessage(UInt8)
  /// A submessage of type 255 that is not known.
  case unknownSubmessage(UInt8)
  /// A pixel format that fails the tests of spec/04 §1.5.
  case badPixelFormat(PixelFormat.Fault)
  /// A message that may be sent only after it was negotiated.
  case notNegotiated(UInt8)
  /// An extended clipboard message that cannot be read.
  case badClipboard(String)

  /// A rectangle of an update that leaves the framebuffer, or a source that does.
  case rectangleOutside(Rectangle)
  /// A rectangle in an encoding that was not asked for, or that cannot be decoded here.
  case unofferedEncoding(Encoding)
  /// A Tight rectangle that holds a JPEG picture.
  case jpegNotSupported
  /// Data of a rectangle that break the rules of their encoding.
  case badEncodingData(Encoding, String)
  /// zlib data that cannot be inflated, or that hold more or less than the rectangle needs.
  case badZlibData(String)
  /// A length beyond a limit of ``RFBLimits``.
  case lengthTooLarge(String, Int, limit: Int)
  /// Entries of a colour map outside of it, or a map for a true-colour format.
  case badColourMap
  /// A framebuffer of no pixels or of more than the limit.
  case badSize(width: Int, height: Int)
  /// libcrypto or zlib could not be set up.
  case libraryFailure(String)
}

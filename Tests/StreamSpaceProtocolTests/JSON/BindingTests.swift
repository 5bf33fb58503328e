import StreamSpaceProtocol
import Testing

/// Texts a client sees when a body cannot be read (spec/02 §3).
@Suite("Binding")
struct BindingTests {
  private func failure<Model: WireDecodable>(_ text: String, _ type: Model.Type, _ structName: String = "") -> String {
    do {
      _ = try HTTPBody.text(text).decode(as: type)
      return "no error"
    } catch {
      return error.goText(structName: structName)
    }
  }

  @Test("a create without user is refused with the recorded text")
  func missingUser() {
    let expected = "Key: 'User' Error:Field validation for 'User' failed on the 'required' tag"
    #expect(failure(#"{"template":"xterm-vnc"}"#, CreateSessionRequest.self) == expected)
    #expect(failure(#"{"user":"","template":"xterm-vnc"}"#, CreateSessionRequest.self) == expected)
  }

  @Test(
    "syntax errors, wrong kinds and an empty body have Go's words",
    arguments: [
      ("", "EOF"), (#"{"user":"#, "unexpected EOF"), ("x", "invalid character 'x' looking for beginning of value"),
      (#"{"user":5}"#, "json: cannot unmarshal number into Go struct field .user of type string"),
      (
        #"{"user":"u","resources":{"cpu":true}}"#,
        "json: cannot unmarshal bool into Go struct field .resources.cpu of type string"
      ),
      ("[]", "json: cannot unmarshal array into Go value of type struct"),
    ])
  func texts(_ body: String, _ expected: String) {
    #expect(failure(body, CreateSessionRequest.self) == expected)
  }

  @Test("a nested error names the whole path")
  func path() {
    let error = #expect(throws: WireError.self) {
      try SessionList(decoding: Array(#"{"sessions":[{"name":"x","user":7}],"total":1}"#.utf8))
    }
    #expect(error == .typeMismatch(path: "sessions.0.user", expected: "string", found: .number))
  }

  @Test("unknown keys are ignored, null counts as absent")
  func lenience() throws {
    let text = #"{"user":"u01","template":null,"more":{"x":1},"tags":null}"#
    let request = try CreateSessionRequest(decoding: Array(text.utf8))
    #expect(request == CreateSessionRequest(user: "u01"))
  }
}

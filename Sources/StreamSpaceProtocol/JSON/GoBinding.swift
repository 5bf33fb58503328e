/// Texts of the request binding of the control plane (spec/02 §3).
package enum GoBinding {
  /// The name of the Go field behind a JSON key: first letter in upper case, and the initialisms the code uses.
  package static func fieldName(_ key: String) -> String {
    let name = key.prefix(1).uppercased() + key.dropFirst()
    guard name.hasSuffix("Id"), name.count > 2 else { return name }
    return name.dropLast(2) + "ID"
  }

  /// One failed rule of binding step 1, for example
  /// `Key: 'AgentRegistrationRequest.Platform' Error:Field validation for 'Platform' failed on the 'oneof' tag`.
  package static func failure(structName: String, key: String, tag: String) -> String {
    let field = fieldName(key)
    let qualified = structName.isEmpty ? field : "\(structName).\(field)"
    return "Key: '\(qualified)' Error:Field validation for '\(field)' failed on the '\(tag)' tag"
  }
}

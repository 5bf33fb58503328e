/// An organisation of the fixture file; `default-org` is the one every recorded row belongs to (spec/02 §2.6).
package struct Organisation: WireCodable, Hashable {
  package var id: String
  package var name: String
  package var kubernetesNamespace: String

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    id = try reader.text("id")
    name = try reader.text("name")
    kubernetesNamespace = try reader.text("k8sNamespace")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("id", id)
    object.add("name", name)
    object.add("k8sNamespace", kubernetesNamespace)
    return .object(object)
  }

  /// Decodes the fixture file.
  package static func decodeAll(_ bytes: [UInt8]) throws(WireError) -> [Organisation] {
    try decodeList(bytes)
  }
}

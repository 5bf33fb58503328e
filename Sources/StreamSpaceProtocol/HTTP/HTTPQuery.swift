/// The parameters of a query in the order of the request, decoded.
package struct HTTPQuery: Sendable, Hashable {
  /// One parameter.
  package struct Parameter: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// All parameters in order; a name may occur more than once.
  package private(set) var parameters: [Parameter]

  package init(_ parameters: [Parameter] = []) { self.parameters = parameters }

  /// Reads the part of a target after `?`. A pair that is wrongly coded is left out, as Go's `URL.Query` does.
  package init(parsing text: some StringProtocol) {
    parameters = text.utf8.split(separator: UInt8(ascii: "&")).compactMap { pair in
      let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentCoding.decoded(Array(halves[0]), plusIsBlank: true),
        let value = PercentCoding.decoded(halves.count > 1 ? Array(halves[1]) : [], plusIsBlank: true)
      else { return nil }
      return Parameter(name: name, value: value)
    }
  }

  package var isEmpty: Bool { parameters.isEmpty }

  /// The first value of that name. Setting replaces all of that name, setting nil removes them.
  package subscript(name: String) -> String? {
    get { parameters.first { $0.name == name }?.value }
    set {
      parameters.removeAll { $0.name == name }
      if let newValue { parameters.append(Parameter(name: name, value: newValue)) }
    }
  }

  /// All values of that name, in order.
  package func values(_ name: String) -> [String] {
    parameters.filter { $0.name == name }.map(\.value)
  }

  /// The coded text, without `?`.
  package var text: String {
    parameters.map { "\(PercentCoding.encodedQuery($0.name))=\(PercentCoding.encodedQuery($0.value))" }
      .joined(separator: "&")
  }
}

extension HTTPQuery: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) {
    parameters = elements.map { Parameter(name: $0.0, value: $0.1) }
  }
}

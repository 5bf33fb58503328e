/// 200 of `GET /api/v1/templates`.
package struct TemplateList: WireCodable, Hashable {
  /// The same items once more by category; categories in byte order.
  package var categories: [Category]
  package var filters: Filters
  package var templates: [Template]
  package var total: Int

  /// The items of one category.
  package struct Category: Sendable, Hashable {
    package var name: String
    package var templates: [Template]

    package init(name: String, templates: [Template]) {
      self.name = name
      self.templates = templates
    }
  }

  /// The query parameters, given back.
  package struct Filters: WireCodable, Hashable {
    package var category: String
    package var featured: String
    package var search: String
    package var sortBy: String
    package var tags: [String]?

    package init(
      category: String = "", featured: String = "", search: String = "", sortBy: String = "", tags: [String]? = nil
    ) {
      self.category = category
      self.featured = featured
      self.search = search
      self.sortBy = sortBy
      self.tags = tags
    }

    package init(json: JSONValue) throws(WireError) {
      let reader = try JSONReader(json)
      category = try reader.text("category")
      featured = try reader.text("featured")
      search = try reader.text("search")
      sortBy = try reader.text("sortBy")
      tags = try reader.optionalTexts("tags")
    }

    package var json: JSONValue {
      var object = JSONObject(reserving: 5)
      object.add("category", category)
      object.add("featured", featured)
      object.add("search", search)
      object.add("sortBy", sortBy)
      object.add("tags", tags?.json ?? .null)
      return .object(object)
    }
  }

  /// The answer for these templates in this order.
  package init(_ templates: [Template], filters: Filters = Filters()) {
    self.templates = templates
    self.filters = filters
    total = templates.count
    categories = []
    for template in templates {
      if let index = categories.firstIndex(where: { $0.name == template.category }) {
        categories[index].templates.append(template)
      } else {
        categories.append(Category(name: template.category, templates: [template]))
      }
    }
    categories.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    templates = try reader.list("templates")
    total = try reader.integer("total")
    filters = try reader.model("filters")
    guard let object = try reader.optionalObject("categories") else { throw .missing(path: "categories") }
    categories = []
    let lists = try JSONReader(.object(object))
    for member in object.members {
      categories.append(Category(name: member.key, templates: try lists.list(member.key)))
    }
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add(
      "categories",
      JSONObject(categories.map { JSONObject.Member(key: $0.name, value: $0.templates.json) }))
    object.add("filters", filters)
    object.add("templates", templates)
    object.add("total", total)
    return .object(object)
  }

  package var estimatedByteCount: Int { 150 + templates.count * 1700 }
}

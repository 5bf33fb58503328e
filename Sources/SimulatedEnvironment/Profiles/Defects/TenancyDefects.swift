/// What many users at once show (spec/05 §3.3, §4.6, §5).
extension DefectCatalogue {
  static let tenancy: [Defect] = []
}

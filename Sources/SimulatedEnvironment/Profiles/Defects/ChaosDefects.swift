/// What combined failures show (spec/05 §3, §4, §5).
extension DefectCatalogue {
  static let chaos: [Defect] = []
}

/// What load shows (spec/05 §3, §4, §5).
extension DefectCatalogue {
  static let load: [Defect] = []
}

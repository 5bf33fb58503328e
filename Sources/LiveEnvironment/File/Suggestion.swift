/// Finds what somebody probably meant to type.
package enum Suggestion {
  /// The nearest of `known`: at most a third of the letters wrong, and at most three. Ties go to the first.
  package static func nearest(to word: String, among known: [String]) -> String? {
    let word = Array(word.lowercased().prefix(64))
    var best: (distance: Int, word: String)?
    for candidate in known {
      let distance = distance(word, Array(candidate.lowercased()))
      if distance <= min(3, max(1, candidate.count / 3)), distance < best?.distance ?? .max {
        best = (distance, candidate)
      }
    }
    return best?.word
  }

  /// Insertions, removals and changes that lead from one to the other; two letters that changed places are one.
  static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var before: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
      var next = [row + 1]
      for column in 0..<right.count {
        var least = min(last[column + 1] + 1, next[column] + 1, last[column] + (left[row] == right[column] ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = min(least, before[column - 1] + 1)
        }
        next.append(least)
      }
      (before, last) = (last, next)
    }
    return last[right.count]
  }
}

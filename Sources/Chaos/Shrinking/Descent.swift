/// The way down from a number: whoever takes the first of these that will do, again and again, is at the smallest after a
/// few questions, however large the number was.
enum Descent {
  /// Numbers from `floor` up to and without `value`: the floor first, then ever nearer to the value.
  static func candidates(from value: Int, to floor: Int) -> [Int] {
    guard value > floor else { return [] }
    var candidates = [floor]
    var step = (value - floor) / 2
    while step > 0 {
      if value - step > floor { candidates.append(value - step) }
      step /= 2
    }
    return candidates
  }
}

extension Int {
  /// Smaller numbers down to 0, the smallest first.
  var lower: [Int] { Descent.candidates(from: self, to: 0) }
}

/// The exponential distribution with mean one, as a table of its quantiles: no floating point is needed to draw from it.
///
/// It has no memory: what is above the median is the median and the same distribution again. So the lower half is
/// enough, and the tail has its true length.
enum ExponentialQuantiles {
  /// Draws are made in `0 ..< resolution`.
  static let resolution = 1 << 30

  /// Billionths of the mean at u = 0/128, 1/128 … 64/128: −ln(1 − u). The last is the median.
  private static let billionths: [Int64] = [
    0, 7_843_177, 15_748_357, 23_716_527, 31_748_698, 39_845_909, 48_009_219, 56_239_718, 64_538_521, 72_906_771,
    81_345_639, 89_856_329, 98_440_073, 107_098_136, 115_831_816, 124_642_445, 133_531_393, 142_500_063, 151_549_898,
    160_682_382, 169_899_037, 179_201_429, 188_591_170, 198_069_914, 207_639_365, 217_301_276, 227_057_451,
    236_909_747, 246_860_078, 256_910_414, 267_062_785, 277_319_285, 287_682_072, 298_153_372, 308_735_482,
    319_430_771, 330_241_687, 341_170_757, 352_220_594, 363_393_894, 374_693_449, 386_122_145, 397_682_968,
    409_379_007, 421_213_465, 433_189_656, 445_311_017, 457_581_109, 470_003_629, 482_582_411, 495_321_437,
    508_224_842, 521_296_924, 534_542_150, 547_965_171, 561_570_823, 575_364_145, 589_350_387, 603_535_022,
    617_923_759, 632_522_559, 647_337_645, 662_375_522, 677_642_994, 693_147_181,
  ]

  /// The value for `u` in `0 ..< resolution`, in billionths of the mean; linear between two entries, at most 20.8
  /// times the mean.
  static func billionths(at u: Int) -> Int64 {
    let median = billionths[billionths.count - 1]
    var rest = min(max(0, u), resolution - 1)
    var value: Int64 = 0
    while rest >= resolution / 2, rest < resolution - 1 {
      value += median
      rest = 2 * rest - resolution
    }
    let step = resolution / 128
    let index = min(rest / step, billionths.count - 2)
    let low = billionths[index]
    let high = billionths[index + 1]
    return value + low + (high - low) * Int64(rest - index * step) / Int64(step)
  }
}

/// The weights that turn `inputSize` samples of a line into `outputSize`: Pillow's antialiased
/// triangle filter ("BILINEAR") in 22-bit fixed point.
///
/// The triangle is stretched by the scale when shrinking, so that every input sample counts. Weights
/// are computed in double precision, normalised to sum 1, and rounded to 2^-22 each, in exactly the
/// order of operations of Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`
/// (src/libImaging/Resample.c), because a bit of difference here is a bit of difference in a pixel.
struct ResampleTable {
  static let precision = 22

  let inputSize: Int
  let outputSize: Int
  /// Weights per output; those behind an output's own are zero.
  let tapCount: Int
  /// The first input sample of every output.
  let starts: [Int]
  /// How many input samples every output has, at least 1.
  let counts: [Int]
  /// `outputSize` rows of `tapCount` weights.
  let weights: [Int32]

  /// The input samples that are used at all: for very long lines and few outputs still all of them.
  var used: Range<Int> { starts[0]..<(starts[outputSize - 1] + counts[outputSize - 1]) }

  init(inputSize: Int, outputSize: Int) {
    precondition(inputSize > 0 && outputSize > 0, "a line has at least one sample")
    self.inputSize = inputSize
    self.outputSize = outputSize
    let scale = Double(inputSize) / Double(outputSize)
    let stretch = max(scale, 1)
    let support = stretch
    tapCount = Int(support.rounded(.up)) * 2 + 1
    let inverseStretch = 1 / stretch

    var starts = [Int]()
    var counts = [Int]()
    var weights = [Int32](repeating: 0, count: outputSize * tapCount)
    var line = [Double](repeating: 0, count: tapCount)
    for output in 0..<outputSize {
      let center = (Double(output) + 0.5) * scale
      let first = max(Int(center - support + 0.5), 0)
      let count = min(Int(center + support + 0.5), inputSize) - first
      var sum = 0.0
      for tap in 0..<count {
        let distance = abs((Double(tap + first) - center + 0.5) * inverseStretch)
        line[tap] = distance < 1 ? 1 - distance : 0
        sum += line[tap]
      }
      for tap in 0..<count {
        let weight = sum != 0 ? line[tap] / sum : line[tap]
        // No triangle weight is negative, so rounding is up from a half.
        weights[output * tapCount + tap] = Int32(0.5 + weight * Double(1 << Self.precision))
      }
      starts.append(first)
      counts.append(count)
    }
    self.starts = starts
    self.counts = counts
    self.weights = weights
  }
}

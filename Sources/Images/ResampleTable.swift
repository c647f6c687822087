/// The weights that turn `inputSize` samples of a line into `outputSize`: Pillow's antialiased
/// triangle filter ("BILINEAR") in 22-bit fixed point.
///
/// The triangle is stretched by the scale when shrinking, so that every input sample counts. Weights
/// are computed in double precision, normalized to sum 1, and rounded to 2^-22 each, in exactly the
/// order of operations of Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`
/// (src/libImaging/Resample.c), because a bit of difference here is a bit of difference in a pixel.
///
/// All outputs have the same number of weights, zeros among them where the line ends: a loop of
/// constant length runs faster than a shorter one that the processor mispredicts.
final class ResampleTable {
  static let precision: Int32 = 22

  /// Weights per output, at most `inputSize`.
  let tapCount: Int
  /// The first input sample of every output; `tapCount` samples from there lie within the input.
  let firsts: [Int]
  /// `tapCount` weights for every output.
  let weights: [Int32]

  init(inputSize: Int, outputSize: Int) {
    precondition(inputSize > 0 && outputSize > 0, "a line has at least one sample")
    let lines = (0..<outputSize).map {
      Self.line(of: $0, inputSize: inputSize, outputSize: outputSize)
    }
    let tapCount = lines.reduce(1) { max($0, $1.weights.count) }
    var firsts = [Int]()
    var weights = [Int32]()
    for line in lines {
      let first = min(line.first, inputSize - tapCount)
      let before = line.first - first
      firsts.append(first)
      weights += [Int32](repeating: 0, count: before)
      weights += line.weights
      weights += [Int32](repeating: 0, count: tapCount - before - line.weights.count)
    }
    self.tapCount = tapCount
    self.firsts = firsts
    self.weights = weights
  }

  /// The first input sample of one output, and the fixed-point weight of it and its successors.
  static func line(
    of index: Int, inputSize: Int, outputSize: Int
  ) -> (first: Int, weights: [Int32]) {
    let scale = Double(inputSize) / Double(outputSize)
    let support = max(scale, 1)
    let inverse = 1 / support
    let center = (Double(index) + 0.5) * scale
    let first = max(Int(center - support + 0.5), 0)
    let end = min(Int(center + support + 0.5), inputSize)
    let triangle = (first..<end).map { sample in
      let distance = abs((Double(sample) - center + 0.5) * inverse)
      return distance < 1 ? 1 - distance : 0
    }
    var sum = 0.0
    for weight in triangle { sum += weight }
    let fixed = triangle.map { weight in
      Int32(0.5 + (sum != 0 ? weight / sum : weight) * Double(1 << Int(precision)))
    }
    return (first, fixed)
  }
}

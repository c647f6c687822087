import Network
import Tensors

/// Weights, images and labels that `Golden/make_golden.py` computes too, from names and indices.
enum Formula {
  /// `count` floats in [-1, 1): SplitMix64 over FNV-1a of the name.
  static func noise(_ name: String, _ count: Int) -> [Float] {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return (0..<count).map { index in
      var z = hash &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      return Float(z >> 40) * 0x1p-23 - 1
    }
  }

  static func tensor(_ name: String, _ shape: [Int]) -> StateTensor {
    if name.hasSuffix("num_batches_tracked") {
      return StateTensor(name: name, shape: shape, integers: [7])
    }
    let u = noise(name, shape.reduce(1, *))
    let values: [Float]
    if name.hasSuffix("running_var") {
      let scale = attentionScale(name)
      values = u.map { scale * (1 + 0.5 * $0) }
    } else if name.hasSuffix("running_mean") || (name.contains(".fc") && shape.count == 1) {
      values = u.map { 0.125 * $0 }
    } else if name.hasSuffix("bias") {
      // Far from zero: most channels pass ReLU whole or not at all.
      values = u.map { ($0 > 0 ? 2 : -2) + $0 }
    } else if shape.count == 1 {
      values = u.map { 1 + 0.25 * $0 }
    } else if shape.count == 2 {
      values = u.map { 0.0625 * $0 }
    } else {
      values = u.map { convolutionScale(shape) * $0 }
    }
    return StateTensor(name: name, shape: shape, floats: values)
  }

  /// Features grow from stage to stage; a sigmoid of thousands would only tell signs.
  private static func attentionScale(_ name: String) -> Float {
    guard name.contains(".attention") else { return 1 }
    let stages: [Float] = [16, 256, 4096, 65536]
    return stages.indices.first { name.contains(".layer\($0 + 1).") }.map { stages[$0] } ?? 1
  }

  /// √(6 / (C·R·S)), rounded to a power of two.
  private static func convolutionScale(_ shape: [Int]) -> Float {
    let target = (6 / Float(shape[1] * shape[2] * shape[3])).squareRoot()
    // 2^round(log₂ target): the significand decides between the powers below and above.
    let low = Float(sign: .plus, exponent: target.exponent, significand: 1)
    return target.significand < Float(2).squareRoot() ? low : 2 * low
  }

  /// A batch in [N][3][H][W].
  static func images(_ name: String, _ batch: Int, _ height: Int, _ width: Int) -> [Float] {
    noise(name, batch * 3 * height * width)
  }

  /// Labels of the article's three tasks.
  static func labels(_ batch: Int) -> [[Float]] {
    [
      noise("age", batch).map { (($0 + 1) * 45).rounded(.toNearestOrEven) },
      noise("gender", batch).map { $0 > 0 ? 1 : 0 },
      noise("race", batch).map { min((($0 + 1) * 2.5).rounded(.down), 4) },
    ]
  }

  static let weights: [Float] = [0.03125, 1, 0.5]
}

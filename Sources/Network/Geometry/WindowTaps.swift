/// Which pixels of an input map meet which pixels of an output map, and through which tap of the
/// kernel. Taps that fall into the padding are not there at all.
///
/// With kernel side R, stride t and padding p, output (oy, ox) meets input (oy·t + r - p, ox·t + s -
/// p) through tap r·R + s.
struct WindowTaps: Sendable {
  /// A pixel on the other side, and the tap between.
  struct Link: Sendable {
    let position: Int
    let tap: Int
  }

  let input: MapSize
  let output: MapSize
  let tapCount: Int
  /// For every output pixel: input pixels, taps ascending.
  let ofOutput: [[Link]]
  /// For every input pixel: output pixels, taps ascending.
  let ofInput: [[Link]]
  /// For every tap: its pairs of pixels, output pixels ascending. Empty where the tap is idle.
  let ofTap: [[(input: Int, output: Int)]]

  init(input: MapSize, kernel: Int, stride: Int, padding: Int, roundingUp: Bool = false) {
    let output = input.windowed(
      kernel: kernel, stride: stride, padding: padding, roundingUp: roundingUp)
    var ofOutput = [[Link]](repeating: [], count: output.positionCount)
    var ofInput = [[Link]](repeating: [], count: input.positionCount)
    var ofTap = [[(input: Int, output: Int)]](repeating: [], count: kernel * kernel)
    for tap in 0..<kernel * kernel {
      for oy in 0..<output.height {
        let y = oy * stride + tap / kernel - padding
        guard y >= 0 && y < input.height else { continue }
        for ox in 0..<output.width {
          let x = ox * stride + tap % kernel - padding
          guard x >= 0 && x < input.width else { continue }
          let o = oy * output.width + ox
          let i = y * input.width + x
          ofOutput[o].append(Link(position: i, tap: tap))
          ofInput[i].append(Link(position: o, tap: tap))
          ofTap[tap].append((input: i, output: o))
        }
      }
    }
    self.input = input
    self.output = output
    self.tapCount = kernel * kernel
    self.ofOutput = ofOutput
    self.ofInput = ofInput
    self.ofTap = ofTap
  }

  /// Taps that meet the map somewhere. The others have no gradient.
  var liveTaps: [Int] { (0..<tapCount).filter { !ofTap[$0].isEmpty } }

  /// Pairs of an input and an output pixel: what a convolution computes, without padding.
  var linkCount: Int { ofTap.reduce(0) { $0 + $1.count } }
}

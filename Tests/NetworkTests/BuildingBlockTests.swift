import Experiment
import Glibc
import Kernels
import Network
import Tensors
import Testing
import Threads

/// Memory, layouts, kernels and initialization.
@Suite struct BuildingBlockTests {
  @Test(arguments: [0, 1, 1000, 600_000]) func buffersAreZeroAndAligned(count: Int) throws {
    let buffer = try AlignedBuffer(count: count)
    #expect(UInt(bitPattern: buffer.pointer) % 64 == 0)
    #expect(buffer.buffer.count == count)
    #expect(buffer.buffer.allSatisfy { $0 == 0 })
  }

  @Test func inputLayoutPutsPixelsWhereItSays() throws {
    let layout = InputLayout(batchCapacity: 3, height: 4, width: 5)
    #expect(layout.rowStride == 33)
    #expect(layout.floatCount == 10 * 3 * 33)
    let images = (0..<2 * 3 * 4 * 5).map { Float($0 + 1) }
    let buffer = try AlignedBuffer(count: layout.floatCount)
    layout.pack(nchw: images, count: 2, into: buffer.pointer)
    for n in 0..<2 {
      for c in 0..<3 {
        for y in 0..<4 {
          for x in 0..<5 {
            let index = ((y + 3) * 3 + n) * 33 + (x + 3) * 3 + c
            #expect(layout.rowOffset(sample: n, row: y) + 3 * x + c == index)
            #expect(buffer.pointer[index] == images[((n * 3 + c) * 4 + y) * 5 + x])
          }
        }
      }
    }
    #expect(buffer.buffer.count { $0 != 0 } == images.count)
  }

  struct KernelShape: CustomTestStringConvertible {
    let rows: Int
    let depth: Int
    let transposed: Bool
    let accumulate: Bool
    var testDescription: String { "\(rows)×\(depth) \(transposed) \(accumulate)" }
  }

  static let kernels = [1, 3, 21, 50, 64].flatMap { rows in
    [(5, false), (64, false), (1, true), (64, true)].flatMap { depth, transposed in
      [false, true].map {
        KernelShape(rows: rows, depth: depth, transposed: transposed, accumulate: $0)
      }
    }
  }

  @Test(arguments: kernels) func kernelMultiplies(shape: KernelShape) throws {
    let (rows, depth) = (shape.rows, shape.depth)
    // A stride that is more than the matrix needs: what lies between must not be read.
    let stride = (shape.transposed ? rows : depth) + 3
    let lines = shape.transposed ? depth : rows
    let kernel = try BatchReduceKernel(
      rows: rows, columns: 64, depth: depth, leftStride: stride, leftTransposed: shape.transposed,
      accumulate: shape.accumulate)
    let pairs = 3
    var left = Formula.noise("left", pairs * lines * stride)
    let right = Formula.noise("right", pairs * depth * 64)
    var out = Formula.noise("out", rows * 64)
    func leftIndex(_ pair: Int, _ row: Int, _ k: Int) -> Int {
      pair * lines * stride + (shape.transposed ? k * stride + row : row * stride + k)
    }
    var expected = [Double](repeating: 0, count: out.count)
    for row in 0..<rows {
      for column in 0..<64 {
        var sum = shape.accumulate ? Double(out[row * 64 + column]) : 0
        for pair in 0..<pairs {
          for k in 0..<depth {
            sum +=
              Double(left[leftIndex(pair, row, k)])
              * Double(right[(pair * depth + k) * 64 + column])
          }
        }
        expected[row * 64 + column] = sum
      }
    }
    for line in 0..<pairs * lines {
      for gap in 0..<3 { left[line * stride + stride - 1 - gap] = .nan }
    }
    let addresses = AddressList(capacity: pairs)
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        out.withUnsafeMutableBufferPointer { out in
          guard let a = left.baseAddress, let b = right.baseAddress, let c = out.baseAddress else {
            return
          }
          for pair in 0..<pairs {
            addresses.append(left: a + pair * lines * stride, right: b + pair * depth * 64)
          }
          kernel.run(addresses, out: c)
        }
      }
    }
    #expect(addresses.count == 0)
    for (own, value) in zip(out, expected) { #expect(abs(Double(own) - value) < 1e-4) }
  }

  @Test func peakIsMeasured() throws {
    let peak = try PeakMeasurement(pool: ThreadPool(threadCount: 1)).gigaflops()
    #expect(peak > 1)
    #expect(!XSMMProducts.instructionSet.isEmpty)
  }

  /// Mean, deviation and bounds of PyTorch's default initialization.
  @Test func initializationHasPyTorchsMoments() throws {
    func tensors(seed: UInt64) throws -> [StateTensor] {
      try HydraNet(
        HydraConfiguration(tasks: TaskSettings.article),
        input: InputLayout(batchCapacity: 1, height: 32, width: 32),
        pool: ThreadPool(threadCount: 2), seed: seed
      ).exportTensors()
    }
    let first = try tensors(seed: 1)
    for tensor in first {
      guard let values = tensor.floats else {
        #expect(tensor.integers == [0])
        continue
      }
      let n = Double(values.count)
      let mean = values.reduce(0.0) { $0 + Double($1) } / n
      let variance = values.reduce(0.0) { $0 + Double($1) * Double($1) } / n - mean * mean
      if tensor.shape.count == 4 {
        let expected = 2 / Double(tensor.shape[0] * tensor.shape[2] * tensor.shape[3])
        // Five deviations of the estimates.
        #expect(abs(mean) < 5 * (expected / n).squareRoot(), "\(tensor.name)")
        #expect(abs(variance / expected - 1) < 5 * (2 / n).squareRoot(), "\(tensor.name)")
        #expect(values.contains { abs(Double($0)) > 2.5 * expected.squareRoot() })
      } else if tensor.name.contains(".fc") {
        let bound = 1 / Float(512).squareRoot()
        #expect(values.allSatisfy { abs($0) <= bound }, "\(tensor.name)")
        if n > 100 {
          #expect(abs(variance * 3 / Double(bound * bound) - 1) < 5 / n.squareRoot())
        }
      } else {
        let one = tensor.name.hasSuffix("weight") || tensor.name.hasSuffix("running_var")
        #expect(values.allSatisfy { $0 == (one ? 1 : 0) }, "\(tensor.name)")
      }
    }
    #expect(try tensors(seed: 2)[0] != first[0])
  }

  /// torchvision's counts: 11,176,512 in the trunk without its last layer.
  @Test func parametersAreThoseOfTheArticlesClass() throws {
    let net = try Fixture(count: 1).net
    let head = 512 * 512 + 512
    #expect(net.parameterCount == 11_176_512 + 3 * head + 513 + 513 + 5 * 513)
    let names = net.stateDescription.map(\.name)
    #expect(
      names.prefix(6) == [
        "net.conv1.weight", "net.bn1.weight", "net.bn1.bias", "net.bn1.running_mean",
        "net.bn1.running_var", "net.bn1.num_batches_tracked",
      ])
    #expect(names.suffix(4).first == "net.fc3.linear.weight")
    #expect(names.count == 122 - 2 + 12)
  }
  /// Counts and order of Golden/mtan.py's class.
  @Test func parametersAreThoseOfTheMTANClass() throws {
    let net = try Fixture(kind: .mtan, count: 1).net
    #expect(net.parameterCount == 14_361_415)
    let names = net.stateDescription.map(\.name)
    #expect(names.count == 294)
    #expect(names.contains("net.encoder.layer3.bn1.running_var"))
    #expect(names.filter { $0.hasPrefix("net.attention") }.count == 3 * 4 * 12)
    let shapes = Dictionary(uniqueKeysWithValues: net.stateDescription)
    #expect(shapes["net.attention1.layer1.conv1.weight"] == [64, 64, 1, 1])
    #expect(shapes["net.attention3.layer4.conv1.weight"] == [128, 1024, 1, 1])
  }

  @Test func sigmoidIsExactEnough() {
    for start in stride(from: Float(-100), to: 100, by: 0.37) {
      let x = SIMD16<Float>((0..<16).map { start + Float($0) * 0.021 })
      let y = sigmoid(x)
      for lane in 0..<16 {
        let exact = 1 / (1 + exp(-Double(x[lane])))
        // Below exp(-87) it stays where it is.
        #expect(abs(Double(y[lane]) - exact) <= 3e-7 * exact + 2e-38, "\(x[lane])")
      }
    }
    let edges = sigmoid(
      SIMD16(.nan, .infinity, -.infinity, 0, -0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))
    #expect(edges[0].isNaN && edges[1] == 1 && edges[2] < 1e-37 && edges[3] == 0.5)
    #expect(edges[4] == 0.5)
  }
}

import Kernels
import Network
import Testing

/// Kernels of every provider that this processor has, against sums in double precision.
@Suite struct ProductKernelTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let provider: any ProductProvider
    let operands: ProductShape.Operands
    let rows: Int
    let columns: Int
    let depth: Int
    let accumulate: Bool
    var testDescription: String {
      "\(provider.name) \(operands) \(rows)×\(depth)×\(columns) \(accumulate)"
    }
  }

  static let providers: [any ProductProvider] = [
    TileProducts(), XSMMProducts(), PortableProducts(operands: [.float32, .bfloat16]),
  ]

  static let cases: [Case] = providers.flatMap { provider in
    [1, 15, 16, 17, 31, 32, 33, 64, 196].flatMap { rows in
      [(64, 64), (32, 64), (64, 32)].flatMap { columns, depth in
        [false, true].flatMap { accumulate in
          [ProductShape.Operands.float32, .bfloat16].map { operands in
            Case(
              provider: provider, operands: operands, rows: rows, columns: columns, depth: depth,
              accumulate: accumulate)
          }
        }
      }
    }
  }.filter { test in
    (try? kernel(test)) != nil
  }

  static func kernel(_ test: Case) throws -> BatchReduceKernel {
    // Strides that are more than the matrices need: what lies between must be left alone.
    try BatchReduceKernel(
      rows: test.rows, columns: test.columns, depth: test.depth, operands: test.operands,
      leftStride: test.depth + 32, rightStride: test.columns + 16, outStride: test.columns + 16,
      accumulate: test.accumulate, providers: [test.provider])
  }

  @Test(arguments: cases) func multiplies(_ test: Case) throws {
    let (rows, columns, depth) = (test.rows, test.columns, test.depth)
    let kernel = try Self.kernel(test)
    let pairs = 3
    let (leftStride, rightStride, outStride) = (depth + 32, columns + 16, columns + 16)
    let isRounded = test.operands == .bfloat16
    func operand(_ value: Float) -> Float { isRounded ? rounded(value) : value }
    let left = Formula.noise("left", pairs * rows * leftStride).map(operand)
    let right = Formula.noise("right", pairs * depth * rightStride).map(operand)
    var out = Formula.noise("out", rows * outStride)
    var expected = out.map(Double.init)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = test.accumulate ? expected[row * outStride + column] : 0
        for pair in 0..<pairs {
          for k in 0..<depth {
            sum +=
              Double(left[(pair * rows + row) * leftStride + k])
              * Double(right[(pair * depth + k) * rightStride + column])
          }
        }
        expected[row * outStride + column] = sum
      }
    }

    let addresses = AddressList(capacity: pairs)
    func run(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, elementSize: Int) {
      for pair in 0..<pairs {
        addresses.append(
          left: a + pair * rows * leftStride * elementSize,
          right: b + pair * depth * rightStride * elementSize)
      }
      out.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        kernel.run(addresses, out: base)
      }
    }
    if isRounded {
      let a = left.map { UInt16($0.bitPattern >> 16) }
      var b = [UInt16](repeating: 0, count: right.count)
      for row in 0..<pairs * depth {
        for column in 0..<rightStride {
          b[(row / 2 * rightStride + column) * 2 + row % 2] =
            UInt16(right[row * rightStride + column].bitPattern >> 16)
        }
      }
      a.withUnsafeBytes { a in
        b.withUnsafeBytes { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          run(a, b, elementSize: 2)
        }
      }
    } else {
      left.withUnsafeBytes { a in
        right.withUnsafeBytes { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          run(a, b, elementSize: 4)
        }
      }
    }
    #expect(addresses.count == 0)
    for (own, value) in zip(out, expected) { #expect(abs(Double(own) - value) < 1e-4) }
  }

  /// Every kind of number, rounded as PyTorch's `tensor.to(torch.bfloat16)`.
  @Test func floatsAreRoundedToTheNearestBFloat16() {
    let values: [Float] = [
      0, -0.0, 1, -1, 1.003_906_25, 1.011_718_75, 1.003_906_4, 3.141_592_7, -2.718_281_8, 1e-38,
      .leastNonzeroMagnitude, 3.3e38, .infinity, -.infinity, .greatestFiniteMagnitude, 65_504,
    ]
    let expected: [UInt16] = [
      0x0000, 0x8000, 0x3f80, 0xbf80, 0x3f80, 0x3f82, 0x3f81, 0x4049, 0xc02e, 0x006d, 0x0000,
      0x7f78, 0x7f80, 0xff80, 0x7f80, 0x4780,
    ]
    var lanes = Lanes.zero
    for (i, value) in values.enumerated() { lanes[i] = value }
    #expect(stored(lanes) == expected)
    #expect(stored(Lanes(repeating: .nan)).allSatisfy { $0 & 0x7fff > 0x7f80 })
  }

  /// Rows that end before the matrix does are followed by zeros, in both forms.
  @Test(arguments: [1, 2, 5, 31, 32]) func rowsBecomePairsAndColumns(rows: Int) {
    let filled = 32
    let source = (0..<rows * 64).map { BFloat16(bits: UInt16($0)) }
    var pairs = [BFloat16](repeating: BFloat16(bits: 9), count: filled * 64)
    var columns = pairs
    pairRows(source, rows: rows, filled: filled, into: &pairs)
    columnsOfPairs(pairs, rows: filled, into: &columns)
    for row in 0..<filled {
      for channel in 0..<64 {
        let expected = row < rows ? UInt16(row * 64 + channel) : 0
        #expect(pairs[(row / 2 * 64 + channel) * 2 + row % 2].bits == expected)
        #expect(columns[channel * filled + row].bits == expected)
      }
    }
  }

  private func rounded(_ value: Float) -> Float {
    Float(bitPattern: UInt32(stored(Lanes(repeating: value))[0]) << 16)
  }

  private func stored(_ lanes: Lanes) -> [UInt16] {
    var out = [BFloat16](repeating: BFloat16(bits: 0), count: 16)
    BFloat16.store(lanes, &out)
    return out.map(\.bits)
  }
}

extension TorchView {
  /// How many elements the view has.
  var elementCount: Int { shape.reduce(1, *) }

  /// Whether the elements stand in row-major order without gaps.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  /// The elements of the storage from the first to the last that the view touches.
  var span: Range<Int> {
    guard elementCount > 0 else { return offset..<offset }
    return offset..<offset + zip(shape, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
  }

  /// Refuses a view that leaves its storage, or that visits an element twice (a tensor expanded
  /// from a small storage could claim any size). All arithmetic here is checked, so that later
  /// uses need not.
  func check(against storage: TorchStorage) throws(PickleFailure) {
    let name = "a tensor of shape \(shape), strides \(strides), offset \(offset)"
    guard shape.count == strides.count, strides.allSatisfy({ $0 >= 0 }),
      let count = WeightFiles.elementCount(of: shape)
    else { throw PickleFailure(message: "\(name) has impossible dimensions") }
    guard offset >= 0, offset <= storage.count, count <= storage.count else {
      throw PickleFailure(message: "\(name) leaves its storage of \(storage.count) elements")
    }
    guard count > 0 else { return }
    // From the smallest stride up, each must pass over all that the smaller ones reach.
    var reach = 0
    let axes = zip(shape, strides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
    for (size, stride) in axes {
      guard stride > reach else {
        throw PickleFailure(message: "\(name) visits elements twice: save its contiguous clone()")
      }
      let (extent, tooLarge) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, larger) = reach.addingReportingOverflow(extent)
      guard !tooLarge, !larger, sum < storage.count - offset else {
        throw PickleFailure(message: "\(name) leaves its storage of \(storage.count) elements")
      }
      reach = sum
    }
    guard offset < storage.count else {
      throw PickleFailure(message: "\(name) leaves its storage of \(storage.count) elements")
    }
  }

  /// The view's elements in row-major order: a slice of the storage's bytes where they stand so,
  /// else a copy.
  ///
  /// - Parameter bytes: the storage's bytes; the view was checked against it.
  func gather(from bytes: TensorBytes, elementSize: Int) -> TensorBytes {
    guard !isContiguous, elementCount > 0 else {
      return bytes[offset * elementSize..<(offset + elementCount) * elementSize]
    }
    return TensorBytes(count: elementCount * elementSize) { target in
      bytes.withUnsafeBytes { source in
        var index = [Int](repeating: 0, count: shape.count)
        var place = offset
        for element in 0..<elementCount {
          // SAFETY: `place` is offset + Σ index·stride, which check(against:) kept in the storage.
          target.baseAddress!.advanced(by: element * elementSize).copyMemory(
            from: source.baseAddress!.advanced(by: place * elementSize), byteCount: elementSize)
          // Counts up like an odometer, the last axis fastest.
          for axis in shape.indices.reversed() {
            index[axis] += 1
            place += strides[axis]
            if index[axis] < shape[axis] { break }
            place -= shape[axis] * strides[axis]
            index[axis] = 0
          }
        }
      }
    }
  }
}

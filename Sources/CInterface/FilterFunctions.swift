import Store

// The codec's part of include/hydranet.h, for readers of Zarr that lack only the filter.

@_cdecl("hydranet_filter_decode")
public func decodeFilter(
  _ folded: UnsafePointer<UInt8>, _ count: Int, _ height: Int, _ width: Int,
  _ output: UnsafeMutablePointer<UInt8>
) -> Int {
  LastError.catching(-1) {
    let byteCount = try sampleByteCount(count, height, width)
    let scratch = PredictiveFilter.DecodeScratch(width: width, height: height)
    for sample in 0..<count {
      scratch.residuals.update(from: folded + sample * byteCount, count: byteCount)
      PredictiveFilter.decode(scratch, into: output + sample * byteCount)
    }
    return count * byteCount
  }
}

@_cdecl("hydranet_filter_encode")
public func encodeFilter(
  _ pixels: UnsafePointer<UInt8>, _ count: Int, _ height: Int, _ width: Int,
  _ output: UnsafeMutablePointer<UInt8>
) -> Int {
  LastError.catching(-1) {
    let byteCount = try sampleByteCount(count, height, width)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * (width + 48)) { scratch in
      for sample in 0..<count {
        PredictiveFilter.encode(
          pixels + sample * byteCount, width: width, height: height,
          into: output + sample * byteCount, scratch: scratch.baseAddress!)
      }
    }
    return count * byteCount
  }
}

private func sampleByteCount(_ count: Int, _ height: Int, _ width: Int) throws -> Int {
  guard count >= 0, (1...65_536).contains(height), (1...65_536).contains(width) else {
    throw CallError(
      "\(count) images of \(width)×\(height) pixels: expected sides from 1 to 65536")
  }
  return 3 * height * width
}

/// How the pixels of a sample are coded.
package enum PixelCodec: String, Sendable, CaseIterable, Codable {
  /// Prediction residuals, then Blosc (bitshuffle, LZ4HC), then CRC-32C: the smallest.
  case predictive
  /// Blosc (bitshuffle, LZ4HC), then CRC-32C: every Zarr v3 reader opens it as it is.
  case portable
}

import Images

/// JPEG and PNG files: orientation, and decoded whole. Small limits: what is looked for is not size.
@Sendable func fuzzImage(_ bytes: UnsafeRawBufferPointer) {
  let decoder = ImageDecoder(limits: ImageLimits(pixelCount: 1 << 20))
  _ = ExifOrientation(of: bytes)
  _ = try? decoder.decode(bytes, name: "fuzz")
}

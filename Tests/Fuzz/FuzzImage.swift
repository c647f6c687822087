import Images

/// JPEG and PNG files, decoded whole. Small limits: what is looked for is not size.
@Sendable func fuzzImage(_ bytes: UnsafeRawBufferPointer) {
  let decoder = ImageDecoder(limits: ImageLimits(pixelCount: 1 << 20))
  _ = try? decoder.inspect(bytes, name: "fuzz")
  _ = try? decoder.decode(bytes, name: "fuzz")
}

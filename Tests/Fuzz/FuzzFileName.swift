import Faces

/// UTKFace's file names.
@Sendable func fuzzFileName(_ bytes: UnsafeRawBufferPointer) {
  bytes.withMemoryRebound(to: UInt8.self) { bytes in
    _ = FaceFileName.parse(bytes: bytes, strict: false)
    _ = FaceFileName.parse(bytes: bytes, strict: true)
  }
}

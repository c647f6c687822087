import WeightFiles

/// safetensors, and PyTorch's files of all three kinds with their pickles.
@Sendable func fuzzWeights(_ bytes: UnsafeRawBufferPointer) {
  withFile(bytes) { path in _ = try? TensorFile.read(path) }
}

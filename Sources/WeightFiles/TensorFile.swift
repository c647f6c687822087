/// What a file of weights holds, whichever format it came in.
///
/// ```swift
/// let file = try TensorFile.read("resnet18.pth")
/// for note in file.notes { print(note) }
/// let weight = file["conv1.weight"]
/// ```
///
/// Bytes stay in the mapped file until they are used.
package struct TensorFile: Sendable {
  package enum Format: String, Sendable {
    case safetensors
    /// PyTorch 1.6 and later: a zip archive.
    case torchZip = "PyTorch (zip)"
    /// PyTorch 0.1.10 to 1.5: pickles in a row, then the raw storages.
    case torchLegacy = "PyTorch (legacy)"
    /// PyTorch before 0.1.10: a tar archive. The first published ResNets are of this kind.
    case torchTar = "PyTorch (tar)"
  }

  package let path: String
  package let format: Format
  /// The tensors: PyTorch's in the order of the state dict, safetensors' in the order of the data.
  package let tensors: [NamedTensor]
  /// The `__metadata__` of a safetensors file; empty for PyTorch's formats.
  package let metadata: [String: String]
  /// What the reader did that the user should know, one sentence each: a nested state dict, entries
  /// left out.
  package let notes: [String]

  private let indexByName: [String: Int]

  init(
    path: String, format: Format, tensors: [NamedTensor], metadata: [String: String] = [:],
    notes: [String] = []
  ) {
    self.path = path
    self.format = format
    self.tensors = tensors
    self.metadata = metadata
    self.notes = notes
    indexByName = Dictionary(
      tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The tensor of that name, or nil.
  package subscript(name: String) -> NamedTensor? {
    indexByName[name].map { tensors[$0] }
  }

  /// Elements of all tensors together.
  package var elementCount: Int { tensors.reduce(0) { $0 + $1.elementCount } }

  /// Bytes of all tensors together.
  package var byteCount: Int { tensors.reduce(0) { $0 + $1.bytes.count } }
}

import Files
import Terminal

/// Joins the views of a state dict with the bytes of their storages.
struct TorchAssembly {
  /// Elements that are copied beyond what the file has, at most: a tensor expanded from one element
  /// could claim any size.
  static let largestExpansion = 16 << 20

  let machine: PickleMachine
  let file: MappedFile
  /// The bytes of each storage, by number.
  var bytes: [Int: TensorBytes] = [:]

  init(machine: PickleMachine, file: MappedFile) {
    self.machine = machine
    self.file = file
  }

  func tensors(of state: StateDict) throws(FileError) -> [NamedTensor] {
    // Equal views (tied weights) are gathered once, and contiguous ones are slices of the file.
    var gathered: [TorchView: TensorBytes] = [:]
    var room = file.bytes.count + 4 * Self.largestExpansion
    var tensors: [NamedTensor] = []
    for (name, number) in state.entries {
      let view = machine.views[number]
      let storage = machine.storages[view.storage]
      guard let bytes = bytes[view.storage] else {
        throw FileError(
          file.path, "storage \(quoted(storage.key)) of tensor \(quoted(name)) is not in the file")
      }
      if gathered[view] == nil, !view.isContiguous {
        room -= view.elementCount * storage.element.byteCount
        guard room >= 0 else {
          throw FileError(
            file.path,
            "the tensors up to \(quoted(name)) take far more bytes than the file has: "
              + "save their contiguous clone()")
        }
      }
      let elements =
        gathered[view] ?? view.gather(from: bytes, elementSize: storage.element.byteCount)
      gathered[view] = elements
      tensors.append(
        NamedTensor(name: name, element: storage.element, shape: view.shape, bytes: elements))
    }
    return tensors
  }

  /// The state dict's tensors as the file that a reader gives.
  func file(
    _ format: TensorFile.Format, of state: StateDict, notes: [String] = []
  ) throws(FileError) -> TensorFile {
    TensorFile(
      path: file.path, format: format, tensors: try tensors(of: state), notes: state.notes + notes)
  }
}

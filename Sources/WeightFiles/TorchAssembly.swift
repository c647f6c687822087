/// Joins the views of a state dict with the bytes of their storages.
struct TorchAssembly {
  let machine: PickleMachine
  let path: String
  /// The bytes of each storage, by number.
  var bytes: [Int: TensorBytes] = [:]

  init(machine: PickleMachine, path: String) {
    self.machine = machine
    self.path = path
  }

  func tensors(of state: StateDict) throws(ModelFileError) -> [NamedTensor] {
    try checkOverlaps(state)
    // Views are equal or disjoint, and equal ones are gathered once: so copies of strided tensors
    // take no more memory than the file's storages.
    var gathered: [TorchView: TensorBytes] = [:]
    var tensors: [NamedTensor] = []
    for (name, number) in state.entries {
      let view = machine.views[number]
      let storage = machine.storages[view.storage]
      guard let bytes = bytes[view.storage] else {
        throw ModelFileError(
          path: path,
          message: "storage \(quoted(storage.key)) of tensor \(quoted(name)) is not in the file")
      }
      let elements =
        gathered[view] ?? view.gather(from: bytes, elementSize: storage.element.byteCount)
      gathered[view] = elements
      tensors.append(
        NamedTensor(name: name, element: storage.element, shape: view.shape, bytes: elements))
    }
    return tensors
  }

  /// Tied weights are the same view under two names. Views that share only a part of a storage are
  /// not what a state dict has, and are refused.
  private func checkOverlaps(_ state: StateDict) throws(ModelFileError) {
    let spans = state.entries.map { entry in
      (name: entry.name, view: machine.views[entry.view], span: machine.views[entry.view].span)
    }.filter { !$0.span.isEmpty }.sorted {
      ($0.view.storage, $0.span.lowerBound, $0.span.upperBound)
        < ($1.view.storage, $1.span.lowerBound, $1.span.upperBound)
    }
    var furthest = 0
    for index in spans.indices.dropFirst() {
      let (before, after) = (spans[furthest], spans[index])
      if after.view.storage == before.view.storage,
        after.span.lowerBound < before.span.upperBound, after.view != before.view
      {
        throw ModelFileError(
          path: path,
          message: "tensors \(quoted(before.name)) and \(quoted(after.name)) overlap in storage "
            + "\(quoted(machine.storages[after.view.storage].key))")
      }
      if after.view.storage != before.view.storage
        || after.span.upperBound > before.span.upperBound
      {
        furthest = index
      }
    }
  }
}

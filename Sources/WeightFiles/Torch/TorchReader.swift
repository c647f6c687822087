import Files
import Terminal

/// Reads PyTorch's file formats into tensors (torch/serialization.py of PyTorch 2).
enum TorchReader {
  /// The zip format, PyTorch 1.6 and later: `NAME/data.pkl`, `NAME/data/KEY`, `NAME/byteorder`.
  static func readZip(_ file: MappedFile) throws(FileError) -> TensorFile {
    func fail(_ message: String) -> FileError {
      FileError(file.path, message)
    }
    let archive = try ZipArchive(file)
    let pickles = archive.names.filter { $0.hasSuffix("/data.pkl") }
    guard !archive.names.contains(where: { $0.hasSuffix("/constants.pkl") }) else {
      throw fail(
        "is a TorchScript archive of torch.jit.save, whose code is never run; save its weights: "
          + "torch.save(torch.jit.load(FILE).state_dict(), NEW)")
    }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw fail(
        "the zip archive has \(pickles.count) entries NAME/data.pkl, expected 1 as in a file "
          + "of torch.save" + advice(for: archive.names))
    }
    let folder = String(pickle.dropLast("data.pkl".count))
    if archive.size(of: folder + "byteorder") != nil {
      let order = try archive.contents(of: folder + "byteorder")
      guard order.withUnsafeBytes({ $0.elementsEqual("little".utf8) }) else {
        throw fail("entry byteorder does not say \"little\": other byte orders are not read")
      }
    }
    let bytes = try archive.contents(of: pickle)
    guard bytes.count <= PickleMachine.largestPickle else {
      throw fail(
        "data.pkl has \(bytes.count) bytes, at most \(PickleMachine.largestPickle) are accepted")
    }
    let (machine, root) = try bytes.withUnsafeBytes {
      (bytes) throws(FileError) -> (PickleMachine, PickleValue) in
      var machine = PickleMachine(bytes, in: 0..<bytes.count)
      do throws(PickleFailure) {
        let root = try machine.read()
        return (machine, root)
      } catch {
        throw fail("data.pkl: \(error.message)")
      }
    }
    let entries = try StateDict(machine, root, path: file.path)
    var assembly = TorchAssembly(machine: machine, file: file)
    for storage in entries.storages {
      let description = machine.storages[storage]
      let name = "\(folder)data/\(description.key)"
      guard let size = archive.size(of: name) else {
        throw fail("the zip archive lacks \(quoted(name)), a storage of the state dict")
      }
      let expected = description.count * description.element.byteCount
      guard size == expected else {
        throw fail(
          "entry \(quoted(name)) has \(size) bytes, expected \(expected) for "
            + "\(description.count) \(description.element.rawValue)")
      }
      assembly.bytes[storage] = try archive.contents(of: name)
    }
    return try assembly.file(.torchZip, of: entries)
  }

  /// What a zip archive without a pickle most likely is, and what to do with it.
  private static func advice(for names: [String]) -> String {
    if names.contains(where: { $0.hasSuffix(".npy") }) {
      return "; it is a file of numpy.savez: save the arrays with torch.save or safetensors"
    }
    let endings = [".pth", ".pt", ".ckpt", ".safetensors"]
    if let name = names.first(where: { name in endings.contains(where: name.hasSuffix) }) {
      return "; unpack it and give \(quoted(name)) in it"
    }
    return names.first.map { "; it begins with \(quoted($0))" } ?? "; it is empty"
  }
}

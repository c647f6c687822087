import Files
import Terminal

extension TorchReader {
  /// The format before PyTorch 0.1.10: a tar archive of `storages`, `tensors` and `pickle`, as
  /// `legacy_load` in torch/serialization.py reads it. The ResNets that torchvision published in
  /// 2017 (`resnet18-5c106cde.pth`) are such files.
  static func readTar(_ file: MappedFile) throws(FileError) -> TensorFile {
    let archive = try TarArchive(file)
    var machine = PickleMachine(file.bytes, in: 0..<0)
    var bytes: [Int: TensorBytes] = [:]
    let root: PickleValue
    do throws(PickleFailure) {
      if let range = archive.members["sys_info"] {
        machine.move(to: range)
        let system = try machine.read()
        try checkSystem(machine, system)
      }
      machine.move(to: try member("storages", of: archive))
      bytes = try readStorages(&machine, file)
      machine.move(to: try member("tensors", of: archive))
      machine.outerTensors = try readTensors(&machine)
      machine.move(to: try member("pickle", of: archive))
      root = try machine.read()
    } catch {
      throw FileError(file.path, error.message)
    }
    let entries = try StateDict(machine, root, path: file.path)
    var assembly = TorchAssembly(machine: machine, file: file)
    assembly.bytes = bytes
    return try assembly.file(.torchTar, of: entries)
  }

  private static func member(
    _ name: String, of archive: TarArchive
  ) throws(PickleFailure) -> Range<Int> {
    guard let range = archive.members[name] else {
      throw PickleFailure(
        message:
          "the tar archive lacks \(quoted(name)), expected one that torch.save wrote; if it holds "
          + "weights, unpack it first")
    }
    return range
  }

  /// A count, then for each storage (key, device, class), a count of elements and the elements;
  /// last, a list of storages that are parts of others.
  private static func readStorages(
    _ machine: inout PickleMachine, _ file: MappedFile
  ) throws(PickleFailure) -> [Int: TensorBytes] {
    var bytes: [Int: TensorBytes] = [:]
    for _ in 0..<(try count(&machine)) {
      guard case .tuple(let number) = try machine.read(), machine.tuples[number].count == 3,
        case let fields = machine.tuples[number], let key = key(fields[0]),
        case .global(let global) = fields[2], let element = global.storageElement,
        machine.storageNumbers[key] == nil
      else { throw PickleFailure(message: "expected (key, device, class) of a new storage") }
      guard let count = machine.cursor.uint64(), count <= UInt64(Int.max),
        let byteCount = element.byteCount(of: [Int(count)]),
        let range = machine.cursor.range(byteCount)
      else {
        throw PickleFailure(message: "storage \(quoted(key)) reaches beyond its member: cut short")
      }
      bytes[machine.storages.count] = file.contents[range]
      machine.addStorage(TorchStorage(key: key, element: element, count: Int(count)))
    }
    guard case .list(let parts) = try machine.read(), machine.lists[parts].isEmpty else {
      throw PickleFailure(
        message: "a storage is a view of another, which is not read: load and save the file with "
          + "a newer PyTorch")
    }
    return bytes
  }

  /// A count, then for each tensor (key, storage key, class), the number of dimensions in eight
  /// bytes, sizes, strides and the offset.
  ///
  /// - Returns: the views by key.
  private static func readTensors(
    _ machine: inout PickleMachine
  ) throws(PickleFailure) -> [String: Int] {
    var views: [String: Int] = [:]
    for _ in 0..<(try count(&machine)) {
      guard case .tuple(let number) = try machine.read(), machine.tuples[number].count == 3,
        case let fields = machine.tuples[number], let key = key(fields[0]),
        let storageKey = Self.key(fields[1]), let storage = machine.storageNumbers[storageKey]
      else { throw PickleFailure(message: "expected (key, storage key, class) of a tensor") }
      guard let rank = machine.cursor.uint32(), rank <= UInt32(PickleMachine.largestRank) else {
        throw PickleFailure(
          message: "tensor \(quoted(key)) has more than \(PickleMachine.largestRank) dimensions, "
            + "or is cut short")
      }
      machine.cursor.skip(4)
      var numbers: [Int] = []
      for _ in 0...2 * rank {
        guard let value = machine.cursor.uint64() else {
          throw PickleFailure(message: "tensor \(quoted(key)) is cut short")
        }
        numbers.append(Int(truncatingIfNeeded: value))
      }
      let view = TorchView(
        storage: storage, offset: numbers[2 * Int(rank)], shape: Array(numbers[..<Int(rank)]),
        strides: Array(numbers[Int(rank)..<2 * Int(rank)]))
      try view.check(against: machine.storages[storage])
      guard views.updateValue(machine.views.count, forKey: key) == nil else {
        throw PickleFailure(message: "tensor \(quoted(key)) appears twice")
      }
      machine.views.append(view)
    }
    return views
  }

  private static func count(_ machine: inout PickleMachine) throws(PickleFailure) -> Int {
    guard case .integer(let count) = try machine.read(), count >= 0 else {
      throw PickleFailure(message: "expected a count")
    }
    return count
  }

  /// Keys were addresses: integers here, the same as text in persistent ids.
  private static func key(_ value: PickleValue) -> String? {
    switch value {
    case .integer(let number): String(number)
    case .string(let text): text
    default: nil
    }
  }
}

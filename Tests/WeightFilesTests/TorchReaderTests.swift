import Testing
import WeightFiles

@Suite struct TorchReaderTests {
  static let formats: [(String, TensorFile.Format)] = [
    (".pth", .torchZip), (".legacy.pth", .torchLegacy),
  ]

  @Test(arguments: formats)
  func readsEveryType(suffix: String, format: TensorFile.Format) throws {
    let file = try TensorFile.read(golden("types\(suffix)"))
    #expect(file.format == format)
    #expect(file.notes == [])
    #expect(
      file.tensors.map(\.name) == [
        "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
        "bool", "scalar", "empty",
      ])
    let reference = try TensorFile.read(golden("types.safetensors"))
    for tensor in file.tensors {
      let expected = try #require(reference[tensor.name])
      #expect(tensor.element == expected.element)
      #expect(tensor.shape == expected.shape)
      let isEqual = tensor.bytes.withUnsafeBytes { left in
        expected.bytes.withUnsafeBytes { left.elementsEqual($0) }
      }
      #expect(isEqual, "\(tensor.name)")
    }
  }

  @Test(arguments: formats)
  func gathersStridedTensors(suffix: String, format: TensorFile.Format) throws {
    let file = try TensorFile.read(golden("strided\(suffix)"))
    let all = goldenFloats(24)
    #expect(try file["rows"]?.floats() == Array(all[..<8]))
    let columns = (0..<4).flatMap { column in (0..<4).map { row in all[8 + 4 * row + column] } }
    #expect(file["columns"]?.shape == [4, 4])
    #expect(try file["columns"]?.floats() == columns)
    let every = stride(from: 1, to: 10, by: 2).map { goldenFloats(10)[$0] }
    #expect(try file["every_second"]?.floats() == every)
  }

  @Test(arguments: formats + [(".tar.pth", .torchTar)])
  func readsAStateDict(suffix: String, format: TensorFile.Format) throws {
    let file = try TensorFile.read(golden("model\(suffix)"))
    #expect(file.format == format)
    #expect(
      file.tensors.map(\.name) == [
        "conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var",
        "bn1.num_batches_tracked", "fc.weight", "fc.bias", "tied.weight", "tied.bias",
      ])
    // channels_last in memory, row-major here.
    #expect(try file["conv1.weight"]?.floats() == goldenFloats(54))
    #expect(file["conv1.weight"]?.shape == [2, 3, 3, 3])
    #expect(file["bn1.num_batches_tracked"]?.shape == [])
    #expect(try file["tied.weight"]?.floats() == goldenFloats(16))
    #expect(try file["fc.weight"]?.floats() == goldenFloats(16))
    #expect(file.elementCount == 54 + 8 + 1 + 16 + 4 + 16 + 4)
  }

  @Test(arguments: formats)
  func readsParametersOfPickleProtocol4(suffix: String, format: TensorFile.Format) throws {
    let file = try TensorFile.read(golden("parameters\(suffix)"))
    #expect(try file["conv1.weight"]?.floats() == goldenFloats(54))
    #expect(file.tensors.count == 6)
  }

  @Test(arguments: formats)
  func findsTheStateDictOfACheckpoint(suffix: String, format: TensorFile.Format) throws {
    let file = try TensorFile.read(golden("checkpoint\(suffix)"))
    #expect(try file["module.conv1.weight"]?.floats() == goldenFloats(54))
    #expect(
      file.notes == [
        "took the state dict under \"state_dict\", and left 5 other entries of the checkpoint alone"
      ])
  }

  /// Tensors and parameters as PyTorch 0.1 wrote them under Python 2.
  @Test func readsParametersOfOldPickles() throws {
    let storage = Pickle.storage("FloatStorage", key: "k", count: 4, view: [Pickle.none])
    let tensor =
      Pickle.global("torch._utils", "_rebuild_tensor")
      + Pickle.tuple(storage + Pickle.integer(0) + Pickle.integers([4]) + Pickle.integers([1]))
      + Pickle.reduce
    let parameter =
      Pickle.global("torch.nn.parameter", "Parameter") + Pickle.tuple(tensor) + Pickle.reduce
      + Pickle.tuple(Pickle.yes + Pickle.no + Pickle.none) + Pickle.build
    let pair = Pickle.list(Pickle.oldString("weight") + parameter)
    let state =
      Pickle.global("collections", "OrderedDict") + Pickle.tuple(Pickle.list(pair))
      + Pickle.reduce
    let scratch = try Scratch()
    let path = try scratch.file(Pickle.legacyFile(state, keys: ["k"], storages: [[1, 2, 3, 4]]))
    #expect(try TensorFile.read(path)["weight"]?.floats() == [1, 2, 3, 4])
  }

  /// The same entries, with every size and place in zip64's fields.
  @Test func readsZip64() throws {
    var zip = try Zip(goldenBytes("model.pth"))
    zip.isZip64 = true
    let scratch = try Scratch()
    let path = try scratch.file(zip.bytes)
    #expect(try TensorFile.read(path)["conv1.weight"]?.floats() == goldenFloats(54))
  }
}

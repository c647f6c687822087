import Files
import Foundation
import Testing
import WeightFiles

@Suite struct SafetensorsTests {
  @Test func readsEveryTypeThatPythonWrote() throws {
    let file = try TensorFile.read(golden("types.safetensors"))
    #expect(file.format == .safetensors)
    #expect(file.metadata == ["made": "by \"safetensors\"\n"])
    #expect(file.tensors.count == 12)
    for name in ["float32", "float64", "float16", "bfloat16"] {
      let tensor = try #require(file[name])
      #expect(tensor.shape == [2, 3])
      #expect(try tensor.floats() == goldenFloats(6), "\(name)")
    }
    for name in ["int64", "int32", "int16", "int8", "uint8"] {
      #expect(try file[name]?.integers() == [0, 37, 74, 10, 47, 84], "\(name)")
    }
    #expect(try file["bool"]?.integers() == [1, 0, 0, 1, 0, 0])
    #expect(file["scalar"]?.shape == [])
    #expect(try file["scalar"]?.integers() == [7])
    #expect(file["empty"]?.shape == [0, 4])
    #expect(file["absent"] == nil)
  }

  @Test func writesTheBytesThatPythonWrote() throws {
    let scratch = try Scratch()
    let file = try TensorFile.read(golden("types.safetensors"))
    let path = "\(scratch.path)/copy.safetensors"
    try SafetensorsWriter.write(file.tensors.shuffled(), metadata: file.metadata, to: path)
    let copy = [UInt8](try Data(contentsOf: URL(filePath: path)))
    #expect(try copy == goldenBytes("types.safetensors"))
    #expect(try scratch.contents() == ["copy.safetensors"])
  }

  @Test func hostileNamesSurviveTheRoundTrip() throws {
    let scratch = try Scratch()
    let names = ["", "\"", "\\", "\n\u{1}\u{7F}", "é😀", "a/b", "net.conv1.weight"]
    let tensors = names.enumerated().map {
      NamedTensor(name: $1, shape: [2], floats: [Float($0), .nan])
    }
    let path = "\(scratch.path)/names.safetensors"
    let metadata = Dictionary(uniqueKeysWithValues: names.map { ($0, $0) })
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    let file = try TensorFile.read(path)
    #expect(file.metadata == metadata)
    for (index, name) in names.enumerated() {
      #expect(try file[name]?.floats().first == Float(index))
    }
  }

  @Test func aFailedWriteLeavesTheEarlierFile() throws {
    let scratch = try Scratch()
    let tensor = NamedTensor(name: "a", shape: [1], floats: [1])
    let path = try scratch.file([1, 2, 3], "weights")
    #expect(throws: FileError.self) {
      try SafetensorsWriter.write([tensor, tensor], to: path)
    }
    #expect(throws: FileError.self) {
      try SafetensorsWriter.write([tensor], to: "\(scratch.path)/no/such/folder/file")
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([1, 2, 3]))
    #expect(try scratch.contents() == ["weights"])
  }

  @Test func conversionsRefuseTheOtherKind() throws {
    let floats = NamedTensor(name: "f", shape: [1], floats: [1])
    let integers = NamedTensor(name: "i", shape: [1], integers: [1])
    #expect(throws: TensorConversionError.self) { try floats.integers() }
    #expect(throws: TensorConversionError.self) { try integers.floats() }
  }

  /// A header as JSON, and how many bytes of data follow it.
  static let broken: [(String, Int, String)] = [
    ("{", 0, "the end of the header"),
    ("[]", 0, "is neither a safetensors file nor"),
    ("{} x", 0, "expected the end of the header at byte 3"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 0, "which has 0: cut short"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, "1 bytes after the last"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "leaves a gap"),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "\"b\" overlaps"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "\"a\" is named twice"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "F32 [2] needs 8"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "a start and an end"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "a start and an end"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#, 4, "more than 2 integers"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "a non-negative integer"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, "the end of an array"),
    (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, 4, "a non-negative integer"),
    (
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#, 4,
      "does not fit into 64 bits"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}"#, 0,
      "does not fit into 64 bits"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#, 4,
      "does not fit into 64 bits"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}"#,
      4, "more than 16 integers"
    ),
    (#"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, 1, "dtype \"F8_E4M3\""),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "lacks one of"),
    (#"{"a":{"dtype":"F32","dtype":"F32"}}"#, 4, "has dtype twice"),
    (#"{"a":{"type":"F32"}}"#, 4, "unknown key \"type\""),
    (#"{"a":[[[[[[[["#, 4, "expected an object"),
    (#"{"__metadata__":{"a":1}}"#, 0, "expected a string"),
    (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, "has \"a\" twice"),
    (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "appears twice"),
    (#"{"\uD800":1}"#, 0, "a Unicode scalar"),
    (#"{"\q":1}"#, 0, "a known escape"),
    ("{\"a\n\":1}", 0, "control character"),
    (#"{"a"#, 0, "the end of a string"),
  ]

  @Test(arguments: broken)
  func refuses(header: String, dataCount: Int, message: String) throws {
    let bytes =
      littleEndian(UInt64(header.utf8.count)) + Array(header.utf8)
      + [UInt8](repeating: 0, count: dataCount)
    let refused = try #require(try refusal(of: bytes))
    #expect(refused.contains(message), "got: \(refused)")
    #expect(!refused.contains("\n"))
  }

  @Test func refusesHeadersThatAreTooLongOrCutShort() throws {
    let good = try goldenBytes("types.safetensors")
    let huge = littleEndian(UInt64.max) + good.dropFirst(8)
    #expect(try refusal(of: huge)?.contains("18446744073709551615 bytes, at most") == true)
    let beyond = littleEndian(UInt64(good.count)) + good.dropFirst(8)
    #expect(try refusal(of: beyond)?.contains("cut short") == true)
    for count in stride(from: 1, to: good.count, by: 61) {
      #expect(try refusal(of: Array(good.prefix(count))) != nil, "\(count) bytes")
    }
    #expect(try refusal(of: []) == "is empty, expected a file of weights")
  }

  @Test func refusesWhatIsNoFile() throws {
    let scratch = try Scratch()
    #expect(throws: FileError.self) { try TensorFile.read(scratch.path) }
    #expect(throws: FileError.self) { try TensorFile.read("\(scratch.path)/absent") }
  }
}

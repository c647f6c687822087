import Files
import Terminal

/// Reads the safetensors format, strictly: https://github.com/huggingface/safetensors#format.
///
/// Eight bytes hold the header's length N, then N bytes of JSON, then the data. The offsets of all
/// tensors must cover the data without gap or overlap, as the format demands.
enum SafetensorsReader {
  /// Headers of networks with ten thousand tensors have about a megabyte.
  static let largestHeader = 8 << 20
  static let largestRank = 16

  private struct Entry {
    let name: String
    let element: ElementType
    let shape: [Int]
    let range: Range<Int>
  }

  static func read(_ file: MappedFile) throws(FileError) -> TensorFile {
    func fail(_ message: String) -> FileError {
      FileError(file.path, message)
    }
    guard file.bytes.count >= 8 else {
      throw fail("has \(file.bytes.count) bytes, expected at least the 8 of a safetensors length")
    }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    // What is not safetensors at all is named for what it is, instead of for what it lacks.
    if length > UInt64(file.bytes.count - 8) || file.bytes.dropFirst(8).first != 0x7B,
      let sentence = UnknownFile(file.bytes).sentence
    {
      throw fail(sentence)
    }
    guard length <= UInt64(largestHeader) else {
      throw fail("the header claims \(length) bytes, at most \(largestHeader) are accepted")
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= file.bytes.count else {
      throw fail(
        "the header claims \(length) bytes, but only \(file.bytes.count - 8) follow: cut short")
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    do {
      let header = UnsafeRawBufferPointer(rebasing: file.bytes[8..<dataStart])
      (entries, metadata) = try parse(header)
    } catch let failure as HeaderScanner.Failure {
      throw fail("the safetensors header is wrong: \(failure.message)")
    } catch {
      throw fail("the safetensors header is wrong: \(error)")
    }

    let data = file.contents[dataStart..<file.bytes.count]
    // Among entries of the same start, an empty one comes first.
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < (
        $1.range.lowerBound, $1.range.upperBound, $1.name
      )
    }
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else {
        let what = entry.range.lowerBound < end ? "overlaps the one before it" : "leaves a gap"
        throw fail(
          "tensor \(quoted(entry.name)) \(what): it starts at byte \(entry.range.lowerBound) of "
            + "the data, expected \(end)")
      }
      guard entry.range.upperBound <= data.count else {
        throw fail(
          "tensor \(quoted(entry.name)) ends at byte \(entry.range.upperBound) of the data, which "
            + "has \(data.count): cut short or damaged")
      }
      end = entry.range.upperBound
    }
    guard end == data.count else {
      throw fail("\(data.count - end) bytes after the last tensor belong to none")
    }
    let tensors = entries.map {
      NamedTensor(name: $0.name, element: $0.element, shape: $0.shape, bytes: data[$0.range])
    }
    return TensorFile(path: file.path, format: .safetensors, tensors: tensors, metadata: metadata)
  }

  private static func parse(
    _ header: UnsafeRawBufferPointer
  ) throws -> ([Entry], [String: String]) {
    var entries: [Entry] = []
    var metadata: [String: String]?
    var names: Set<String> = []
    var scanner = HeaderScanner(header)
    try scanner.object { name, scanner in
      guard name == "__metadata__" else {
        guard names.insert(name).inserted else {
          throw HeaderScanner.Failure(message: "tensor \(quoted(name)) is named twice")
        }
        entries.append(try entry(name, &scanner))
        return
      }
      guard metadata == nil else {
        throw HeaderScanner.Failure(message: "__metadata__ appears twice")
      }
      var pairs: [String: String] = [:]
      try scanner.object { key, scanner in
        guard pairs.updateValue(try scanner.string(), forKey: key) == nil else {
          throw HeaderScanner.Failure(message: "__metadata__ has \(quoted(key)) twice")
        }
      }
      metadata = pairs
    }
    try scanner.end()
    return (entries, metadata ?? [:])
  }

  private static func entry(
    _ name: String, _ scanner: inout HeaderScanner
  ) throws -> Entry {
    func fail(_ message: String) -> HeaderScanner.Failure {
      HeaderScanner.Failure(message: "tensor \(quoted(name)) \(message)")
    }
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { key, scanner in
      switch key {
      case "dtype" where typeName == nil: typeName = try scanner.string()
      case "shape" where shape == nil: shape = try scanner.integers(limit: largestRank)
      case "data_offsets" where offsets == nil: offsets = try scanner.integers(limit: 2)
      case "dtype", "shape", "data_offsets": throw fail("has \(key) twice")
      default:
        throw fail("has the unknown key \(quoted(key)), expected dtype, shape, data_offsets")
      }
    }
    guard let typeName, let shape, let offsets else {
      throw fail("lacks one of dtype, shape, data_offsets")
    }
    guard let element = ElementType(rawValue: typeName) else {
      let known = ElementType.allCases.map(\.rawValue).joined(separator: " ")
      throw fail("has dtype \(quoted(typeName)), expected one of \(known)")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw fail("has data_offsets \(offsets), expected a start and an end not before it")
    }
    guard let byteCount = element.byteCount(of: shape) else {
      throw fail("has shape \(shape), whose size does not fit into 64 bits")
    }
    guard offsets[1] - offsets[0] == byteCount else {
      throw fail(
        "has \(offsets[1] - offsets[0]) bytes of data, but \(element.rawValue) \(shape) needs "
          + "\(byteCount)")
    }
    return Entry(name: name, element: element, shape: shape, range: offsets[0]..<offsets[1])
  }
}

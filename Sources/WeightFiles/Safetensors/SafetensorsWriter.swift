import Files
import Terminal

/// Writes the safetensors format, atomically and byte for byte the same for the same tensors.
///
/// ```swift
/// try SafetensorsWriter.write(tensors, metadata: ["epoch": "3"], to: "run/last.safetensors")
/// ```
///
/// The order is that of the reference implementation: element types of larger alignment first,
/// then by name; so every tensor of a file starts at a multiple of its element's size.
package enum SafetensorsWriter {
  /// - Parameters:
  ///   - tensors: in any order; names must differ, and none may be `__metadata__`.
  ///   - metadata: strings for `__metadata__`, written in the order of the keys; left out if empty.
  ///   - path: replaced whole when everything is on disk; until then it stays as it was.
  /// - Throws: `FileError` where the tensors do not make a file, `FileError` where the disk
  ///   refuses.
  package static func write(
    _ tensors: [NamedTensor], metadata: [String: String] = [:], to path: String
  ) throws {
    var names: Set<String> = ["__metadata__"]
    for tensor in tensors where !names.insert(tensor.name).inserted {
      throw FileError(path, "cannot be written: two tensors are named \(quoted(tensor.name))")
    }
    let ordered = tensors.sorted {
      let left = rank[$0.element] ?? 0
      let right = rank[$1.element] ?? 0
      return left != right ? left > right : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    let header = header(of: ordered, metadata)
    guard header.count <= SafetensorsReader.largestHeader else {
      throw FileError(
        path,
        "cannot be written: its header would have \(header.count) bytes, at most "
          + "\(SafetensorsReader.largestHeader) are readable")
    }
    let file = try AtomicFile(path: path)
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.append($0) }
    try header.withUnsafeBytes { try file.append($0) }
    for tensor in ordered {
      try tensor.bytes.withUnsafeBytes { try file.append($0) }
      try tensor.bytes.checkWhole()
    }
    try file.finish()
  }

  /// The reference implementation orders by its list of types, which `ElementType` repeats.
  private static let rank = Dictionary(
    uniqueKeysWithValues: ElementType.allCases.enumerated().map { ($1, $0) })

  /// The JSON header, padded with spaces so that the data starts at a multiple of 8.
  private static func header(of tensors: [NamedTensor], _ metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\(jsonString($0.key)):\(jsonString($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var start = 0
    for tensor in tensors {
      let end = start + tensor.bytes.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(jsonString(tensor.name)):{\"dtype\":\"\(tensor.element.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(end)]}")
      start = end
    }
    var bytes = Array("{\(members.joined(separator: ","))}".utf8)
    while bytes.count % 8 != 0 { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }
}

import Experiment
import Files
import Glibc
import Store

// The store's part of include/hydranet.h, which documents every function.

/// A store as the handle that C holds, about to be read. The program around it has handlers of
/// signals that it installs as it likes.
func store(_ handle: UnsafeRawPointer) -> StoreReader {
  MappedFile.keepGuard()
  return Unmanaged<StoreReader>.fromOpaque(handle).takeUnretainedValue()
}

@_cdecl("hydranet_open")
public func open(_ path: UnsafePointer<CChar>) -> UnsafeMutableRawPointer? {
  LastError.catching(nil) {
    Unmanaged.passRetained(try StoreReader(path: String(cString: path))).toOpaque()
  }
}

@_cdecl("hydranet_close")
public func close(_ handle: UnsafeRawPointer) {
  Unmanaged<StoreReader>.fromOpaque(handle).release()
}

@_cdecl("hydranet_describe")
public func describe(
  _ handle: UnsafeRawPointer, _ output: UnsafeMutablePointer<UInt8>?, _ capacity: Int
) -> Int {
  LastError.catching(-1) {
    let text = try store(handle).json.encoded()
    if let output { output.update(from: text, count: max(0, min(capacity, text.count))) }
    return text.count
  }
}

@_cdecl("hydranet_column")
public func column(
  _ handle: UnsafeRawPointer, _ split: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>,
  _ output: UnsafeMutablePointer<UInt8>, _ capacity: Int
) -> Int {
  LastError.catching(-1) {
    let split = try store(handle).split(String(cString: split))
    let bytes = try split.column(String(cString: name)).bytes
    try require(room: bytes.count, in: capacity)
    output.update(from: bytes, count: bytes.count)
    return bytes.count
  }
}

@_cdecl("hydranet_read")
public func read(
  _ handle: UnsafeRawPointer, _ split: UnsafePointer<CChar>, _ indices: UnsafePointer<Int>,
  _ count: Int, _ output: UnsafeMutablePointer<UInt8>, _ capacity: Int
) -> Int {
  LastError.catching(-1) {
    let split = try store(handle).split(String(cString: split))
    let indices = UnsafeBufferPointer(start: indices, count: max(0, count))
    let (size, overflows) = split.layout.sampleByteCount.multipliedReportingOverflow(
      by: indices.count)
    try require(room: overflows ? .max : size, in: capacity)
    try split.decode(samples: indices, into: output)
    return size
  }
}

private func require(room byteCount: Int, in capacity: Int) throws {
  guard byteCount <= capacity else {
    throw CallError("the memory given has \(capacity) bytes, but \(byteCount) are needed")
  }
}

extension StoreReader {
  /// What a reader in another language has to know of a store.
  fileprivate var json: JSONValue {
    .object([
      "path": .string(path), "identity": identity.json, "dataset": dataset,
      "version": .integer(schema.version), "bytes": .integer(storeByteCount),
      "image": .object([
        "channels": .integer(StoreFormat.channelCount), "size": .integer(layout.size),
        "codec": .string(layout.codec.rawValue),
      ]),
      "columns": .array(schema.columns.map(\.json)),
      "splits": .array(
        splits.map { ["name": .string($0.name), "samples": .integer($0.sampleCount)] }),
    ])
  }
}

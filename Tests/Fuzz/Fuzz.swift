import CSystem
import Glibc

/// Feeds hostile bytes to one parser, by libFuzzer.
///
///     fuzz image -max_total_time=10 -timeout=1 -rss_limit_mb=1024 CORPUS
///
/// The first argument names the parser; all others are libFuzzer's. `make fuzz` runs them all, with
/// AddressSanitizer, from the seeds that the tests keep.
@main
struct Fuzz {
  /// One line a parser: a name, and what takes the bytes. Errors are what it is for; only a crash, a
  /// hang or a gigabyte is a fault.
  static let parsers: [String: @Sendable (UnsafeRawBufferPointer) -> Void] = [
    "archive": fuzzArchive,
    "condition": fuzzCondition,
    "record": fuzzRecord,
    "table": fuzzTable,
    "chunk": fuzzChunk,
    "image": fuzzImage,
    "json": fuzzJSON,
    "metadata": fuzzMetadata,
    "weights": fuzzWeights,
    "pipeline": fuzzPipeline,
    "file-name": fuzzFileName,
  ]

  /// The parser of this process. Written once, before the fuzzer starts.
  nonisolated(unsafe) static var parser: (@Sendable (UnsafeRawBufferPointer) -> Void)?

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, let chosen = parsers[arguments[1]] else {
      print("usage: fuzz PARSER [libFuzzer's options]; parsers: ", terminator: "")
      print(parsers.keys.sorted().joined(separator: ", "))
      exit(64)
    }
    parser = chosen
    // The driver wants the program's name and its own options; the strings live as long as it.
    var pointers = ([arguments[0]] + arguments.dropFirst(2)).map { strdup($0) } + [nil]
    var count = CInt(pointers.count - 1)
    pointers.withUnsafeMutableBufferPointer { pointers in
      var base: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = pointers.baseAddress
      exit(
        runFuzzer(&count, &base) { bytes, count in
          Fuzz.parser?(UnsafeRawBufferPointer(start: bytes, count: count))
          return 0
        })
    }
  }
}

/// libFuzzer's entry for programs that have a `main` of their own (compiler-rt, `FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// A file without a name that holds the bytes, for readers that take a path.
func withFile(_ bytes: UnsafeRawBufferPointer, _ body: (_ path: String) -> Void) {
  let descriptor = system_open_unnamed_file("/dev/shm")
  defer { close(descriptor) }
  guard descriptor >= 0, write(descriptor, bytes.baseAddress, bytes.count) == bytes.count else {
    return
  }
  body("/proc/self/fd/\(descriptor)")
}

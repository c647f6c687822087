import Experiment
import Faces
import Files
import Glibc
import Photographs

/// The records of a source's photographs in the bytewise order of their paths: all that a plan is
/// made from. A photograph's number is its place here.
///
/// A few bytes of memory an image; the records themselves are mapped.
struct RecordTable: @unchecked Sendable {
  // Sendable: the bytes are never written, and live as long as the segments.
  private let segments: [SegmentScan]
  /// The records of each segment. Threads that look up many would meet in counting who holds one.
  private let bytes: [UnsafeRawBufferPointer]
  /// The segment in the upper 16 bits, the record's offset in the others.
  private let places: [UInt64]
  /// Bytes of the folder, "/" included, that all paths begin with and that does not count.
  private let prefixCount: Int
  private static let offsetBits: UInt64 = 48

  /// - Parameters:
  ///   - dropsTop: whether a folder that all paths begin with is left out, as for archives: it is the
  ///     one that they unpack to.
  ///   - isLive: whether a record, by segment and number, is of this build.
  /// - Throws: `FileError`; `BuildError` where two records have one path.
  init(
    _ segments: [SegmentScan], dropsTop: Bool, isLive: (_ segment: Int, _ record: Int) -> Bool
  ) throws {
    self.segments = segments
    let bytes = segments.map(\.recordBytes)
    self.bytes = bytes
    var places: [UInt64] = []
    for (number, segment) in segments.enumerated() {
      var record = 0
      try segment.forEachRecord { _, offset in
        if isLive(number, record) {
          places.append(UInt64(number) << Self.offsetBits | UInt64(offset))
        }
        record += 1
      }
    }
    func path(_ place: UInt64) throws -> UnsafeRawBufferPointer {
      try Self.record(bytes, place, segments).path
    }
    try places.sort { try Self.precedes(path($0), path($1)) }
    for (a, b) in zip(places, places.dropFirst()) where try path(a).elementsEqual(path(b)) {
      throw BuildError(
        .input,
        "the source holds \(String(decoding: try path(a), as: UTF8.self)) twice; remove one of the "
          + "two")
    }
    self.places = places
    // Of sorted paths, the first and the last have in common what all have.
    let ends = [places.first, places.last].compactMap(\.self)
    let tops = try ends.map { Array(try Self.topFolder(of: path($0))) }
    prefixCount = dropsTop && tops.first == tops.last ? tops.first?.count ?? 0 : 0
    for segment in segments { try segment.checkWhole() }
  }

  private static func precedes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard let first = a.baseAddress, let second = b.baseAddress else { return a.count < b.count }
    let order = memcmp(first, second, min(a.count, b.count))
    return order < 0 || order == 0 && a.count < b.count
  }

  private static func record(
    _ bytes: [UnsafeRawBufferPointer], _ place: UInt64, _ segments: [SegmentScan]
  ) throws(FileError) -> SegmentRecordView {
    let segment = Int(place >> offsetBits)
    let offset = Int(place & (1 << offsetBits - 1))
    guard let view = SegmentRecordView(UnsafeRawBufferPointer(rebasing: bytes[segment][offset...]))
    else { throw segments[segment].changed }
    return view
  }

  /// The first folder of a path with its "/"; empty where there is none.
  static func topFolder(of path: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
    path[..<(path.firstIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)]
  }

  var count: Int { places.count }

  /// A record's path as the store has it.
  func path(_ record: SegmentRecordView) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: record.path[prefixCount...])
  }

  /// All paths, in order.
  func paths(_ spool: Spool) throws -> FileList {
    try FileList(spool) { add in try forEachRecord { try add(Array(path($1))) } }
  }

  func record(_ number: Int) throws(FileError) -> SegmentRecordView {
    try Self.record(bytes, places[number], segments)
  }

  /// A path as text for messages and lists; bytes that are not UTF-8 are replaced.
  func title(of number: Int) throws(FileError) -> String {
    String(decoding: path(try record(number)), as: UTF8.self)
  }

  func forEachRecord(_ body: (_ number: Int, _ record: SegmentRecordView) throws -> Void) throws {
    for number in 0..<count { try body(number, try record(number)) }
    for segment in segments { try segment.checkWhole() }
  }

  /// Of the photographs, as `SourceCheck` finds it without a record.
  func fingerprint() throws -> String {
    var findings = SourceFindings()
    try forEachRecord { findings.add($1, path: path($1)) }
    return findings.fingerprint()
  }

  /// Lends a sample's chunk.
  ///
  /// - Throws: `FileError` where its bytes changed, and whatever `body` throws.
  func withChunk<Result>(
    of number: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let segment = segments[Int(places[number] >> Self.offsetBits)]
    return try segment.withBytes(of: try record(number).chunk, body)
  }
}

import Files
import Glibc

extension SegmentWriter {
  private static let compactedName = "compacted"

  /// Removes records that are of no photograph any more: what an earlier run gathered of files that
  /// changed or went away since. Nothing can be appended after that.
  ///
  /// A kill between the two renames leaves records whose chunks are not sound; the next run makes
  /// those anew.
  ///
  /// - Parameter isLive: whether a record, by its number, stays.
  package func compact(keeping isLive: (Int) -> Bool) throws {
    try flush()
    let scan = try SegmentScan(folder: folder)
    var count = 0
    try scan.forEachRecord { _, _ in count += 1 }
    let place = "\(folder)/\(Self.compactedName)"
    let files = [SegmentIdentity.chunksFile, SegmentIdentity.recordsFile]
    // A killed run may have left them.
    for file in files where exists("\(place)/\(file)") { try removeFile("\(place)/\(file)") }
    if !(0..<count).allSatisfy(isLive) {
      let copy = try SegmentWriter(folder: place, identity: identity)
      var number = 0
      try scan.forEachRecord { record, _ in
        defer { number += 1 }
        guard isLive(number) else { return }
        guard record.isSample else {
          return try copy.append(
            SegmentRecord(record), chunk: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        try scan.withBytes(of: record.chunk) {
          try copy.append(SegmentRecord(record), chunk: $0)
        }
      }
      try copy.sync()
      for file in files { try renamePath("\(place)/\(file)", to: "\(folder)/\(file)") }
      try syncDirectory(folder)
    }
    rmdir(place)
  }
}

import Checksums
import Experiment
import Faces
import Files
import Images
import Photographs
import Store
import Synchronization
import Terminal

/// Reads every photograph of a source once: hashes, decodes, measures and encodes it, and appends a
/// record of it to a segment.
///
/// A fault of a file makes a record of its own. A fault of the machine ends the work; what was
/// appended stays, and the next run goes on from it.
struct Gathering: Sendable {
  private let options: BuildOptions
  private let labels: any LabelSource
  private let segment: SegmentWriter
  /// Photographs of the source; nil where that is known at its end only.
  private let total: Int?
  /// Of the records that an earlier run left, the samples' offsets and numbers.
  private let earlier: EarlierRecords?
  /// Whose samples are copied instead of made again.
  private let stores: [ReusableStore]

  /// - Throws: `FileError` where the records of an earlier run cannot be read.
  init(
    _ options: BuildOptions, labels: any LabelSource, segment: SegmentWriter, total: Int?,
    reusing stores: [ReusableStore]
  ) throws {
    self.stores = stores
    self.options = options
    self.labels = labels
    self.segment = segment
    self.total = total
    earlier = try segment.resumed.map { try EarlierRecords($0, count: segment.resumedCount) }
  }

  /// What is counted while threads work.
  final class Tally: Sendable {
    private let counts = Mutex((rejects: 0, resumed: 0, reused: 0))

    var resumed: Int { counts.withLock { $0.resumed } }
    var reused: Int { counts.withLock { $0.reused } }

    fileprivate func addResumed() { counts.withLock { $0.resumed += 1 } }
    fileprivate func addReused() { counts.withLock { $0.reused += 1 } }
    /// - Returns: how many there are now.
    fileprivate func addReject() -> Int {
      counts.withLock {
        $0.rejects += 1
        return $0.rejects
      }
    }
  }

  struct Result {
    let ignored: IgnoredFiles
    let found: Int
    /// Samples that an earlier run had made.
    let resumedCount: Int
    /// Samples that were copied from a store.
    let reusedCount: Int
    /// Whether a record, by its number in the segment, is of this source.
    let isLive: (Int) -> Bool
  }

  /// - Throws: `BuildError`, `ScanError`, `FileError`, `ThreadError`.
  func run(_ source: some PhotographSource, _ line: ProgressLine) throws -> Result {
    let tally = Tally()
    let team = try PhotographTeam(threads: options.threads) {
      let reader = Reader(self, tally)
      return { try reader.take($0) }
    }
    var found = 0
    do {
      let ignored = try source.forEachPhotograph { photograph in
        try team.add(photograph)
        found += 1
        line.update(done: team.doneCount)
        if Interruption.isRequested {
          throw BuildError(
            .interrupted,
            "interrupted at \(grouped(team.doneCount)) images; they are kept, and the same command "
              + "goes on from them")
        }
      }
      try team.finish()
      try segment.flush()
      line.finish()
      let earlier = earlier
      return Result(
        ignored: ignored, found: found, resumedCount: tally.resumed,
        reusedCount: tally.reused,
        isLive: { earlier?.isLive($0) ?? true })
    } catch {
      team.cancel()
      line.finish()
      // Of two errors the first tells what happened.
      try? segment.flush()
      throw error
    }
  }

  /// What one thread needs.
  private final class Reader {
    private let work: Gathering
    private let tally: Tally
    private let contents = FileContents()
    private let maker: SampleMaker
    private let decoder: ReuseDecoder
    private var digest = SHA256Digest()
    private var hash = [UInt8](repeating: 0, count: SourceHash.byteCount)
    /// Records of samples that are decoded and not yet encoded, by their place in `maker`.
    private var decoded: [SegmentRecord] = []

    init(_ work: Gathering, _ tally: Tally) {
      self.work = work
      self.tally = tally
      maker = SampleMaker(layout: work.options.layout)
      decoder = ReuseDecoder(layout: work.options.layout)
    }

    func take(_ photographs: [Photograph]) throws {
      do {
        for photograph in photographs { try take(photograph) }
        try encode()
      } catch {
        // What is decoded is kept; of two errors the first tells what happened.
        try? encode()
        throw error
      }
    }

    private func encode() throws {
      defer { decoded.removeAll(keepingCapacity: true) }
      for (place, record) in decoded.enumerated() {
        try work.segment.append(record, chunk: maker.encode(at: place))
      }
    }

    private func take(_ photograph: Photograph) throws {
      let row = try photograph.path.withUnsafeBufferPointer { try work.labels.labels(of: $0) }
      switch row {
      case .failure(let reject):
        try append(
          SegmentRecord(
            path: photograph.path, contentHash: [],
            outcome: .rejected(reject.reason, message: reject.description)))
      case .success(let row):
        switch photograph.content {
        case .bytes(let bytes): try bytes.withUnsafeBytes { try take(photograph, row, $0) }
        case .file(let path):
          let bytes: UnsafeRawBufferPointer
          do throws(ImageError) {
            bytes = try contents.read(path, name: String(decoding: path, as: UTF8.self))
          } catch {
            try work.options.checkIsReject(error)
            return try append(
              SegmentRecord(
                path: photograph.path, contentHash: [],
                outcome: .rejected(RejectReason(error.reason), message: error.message)))
          }
          try take(photograph, row, bytes)
        }
      }
    }

    private func take(
      _ photograph: Photograph, _ row: LabelRow, _ bytes: UnsafeRawBufferPointer
    ) throws {
      digest.update(bytes)
      digest.finish(into: &hash)
      let source = hash.withUnsafeBytes { SourceHash(bytes: $0) }
      var record = SegmentRecord(
        path: photograph.path, contentHash: hash, byteCount: bytes.count,
        outcome: .rejected(.unreadable, message: ""))
      if row.isIrregular { record.remarks.insert(.irregularName) }
      if ExifOrientation(of: bytes) != .upright { record.remarks.insert(.turned) }
      if let earlier = try work.earlier?.find(source) {
        tally.addResumed()
        if earlier.view.path.elementsEqual(photograph.path),
          earlier.view.labels.elementsEqual(row.values), work.earlier!.claim(earlier.number)
        {
          return
        }
        record.outcome = .sample(
          labels: row.values, measures: earlier.view.measures,
          sums: earlier.view.sums)
        return try work.segment.append(record, sharing: earlier.view.chunk)
      }
      for store in work.stores {
        let isCopied = try store.withSample(of: source, decoder) { sample in
          record.outcome = .sample(
            labels: row.values, measures: sample.measures, sums: sample.sums)
          try work.segment.append(record, chunk: sample.chunk)
        }
        if isCopied { return tally.addReused() }
      }
      do throws(ImageError) {
        let sample = try maker.decode(bytes, at: decoded.count)
        record.outcome = .sample(
          labels: row.values, measures: sample.measures, sums: sample.sums)
      } catch {
        record.outcome = .rejected(RejectReason(error.reason), message: error.message)
        return try append(record)
      }
      decoded.append(record)
      if decoded.count == maker.capacity { try encode() }
    }

    /// Appends a record without a chunk.
    private func append(_ record: SegmentRecord) throws {
      try work.segment.append(record, chunk: UnsafeRawBufferPointer(start: nil, count: 0))
      // A share is of all files, which are known at the end at the latest.
      guard let total = work.total else { return }
      try work.options.checkRejects(tally.addReject(), of: total)
    }
  }
}

/// The samples of a segment that an earlier run began, found by their content.
private final class EarlierRecords: Sendable {
  private let scan: SegmentScan
  private let index: ContentIndex
  /// By record, whether a photograph of this run has it.
  private let claimed: Mutex<[Bool]>
  private let count: Int
  private static let offsetBits: UInt64 = 40

  init(_ scan: SegmentScan, count: Int) throws {
    self.scan = scan
    self.count = count
    var index = ContentIndex(capacity: count)
    var number: UInt64 = 0
    try scan.forEachRecord { view, offset in
      if view.isSample, let source = view.source {
        index.add(source, number: number << Self.offsetBits | UInt64(offset))
      }
      number += 1
    }
    self.index = index
    claimed = Mutex([Bool](repeating: false, count: count))
  }

  /// A sound sample of some content.
  func find(_ source: SourceHash) throws -> (number: Int, view: SegmentRecordView)? {
    guard let place = index.number(of: source) else { return nil }
    let view = try scan.record(at: Int(place & (1 << Self.offsetBits - 1)))
    return scan.isSound(view.chunk) ? (Int(place >> Self.offsetBits), view) : nil
  }

  /// Takes a record for a photograph of this run.
  ///
  /// - Returns: false where another photograph has it.
  func claim(_ number: Int) -> Bool {
    claimed.withLock { claimed in
      defer { claimed[number] = true }
      return !claimed[number]
    }
  }

  func isLive(_ record: Int) -> Bool {
    record >= count || claimed.withLock { $0[record] }
  }
}

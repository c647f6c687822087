import Checksums
import StoreBuilding

/// A record of a segment, which another machine may have written, with the checksum that it must
/// have.
@Sendable func fuzzRecord(_ bytes: UnsafeRawBufferPointer) {
  guard bytes.count >= 24 else { return }
  var record = [UInt8](bytes)
  let byteCount = record.count
  record.withUnsafeMutableBytes { record in
    record.storeBytes(of: UInt32(byteCount - 24).littleEndian, as: UInt32.self)
    let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: record[8...]))
    record.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
  }
  record.withUnsafeBytes { record in
    guard let view = SegmentRecordView(checking: record) else { return }
    _ = (view.path, view.source, view.chunk, view.remarks, view.outcome)
  }
}

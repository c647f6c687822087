import Files
import Foundation
import Reports
import Testing

@Suite struct TensorBoardTests {
  @Test func writesRecords() throws {
    let scratch = try Scratch()
    let board = try TensorBoardWriter(folder: scratch.path, time: 1_700_000_000.5)
    try board.add(
      step: 300, scalars: [("train/loss", 1.5), ("nothing", .nan), ("é", -2)], time: 1_700_000_001)
    try board.add(step: 301, scalars: [("nothing", .infinity)])
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: board.path)))
    #expect(bytes.map { String(format: "%02x", $0) }.joined() == Self.golden)
    #expect(board.path.hasPrefix("\(scratch.path)/events.out.tfevents.1700000000."))
  }

  /// Made by Golden/make_golden.py.
  static let golden =
    "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110"
    + "2c00000000000000f4aecc450900004040fc54d94110ac022a1e0a110a0a747261696e2f6c6f7373"
    + "150000c03f0a090a02c3a915000000c0aa3a40f3"

  /// Readers take the files in the order of their names and drop what is at or behind a session's
  /// start, so a resumed run's file says again what the earlier ones said.
  @Test func everyEpochIsThereAfterAResume() throws {
    let scratch = try Scratch()
    let records = (1...3).map { epoch in
      var record = RunHistoryTests.record(epoch)
      record.step = 10 * epoch
      return record
    }
    let first = try TensorBoardWriter(folder: scratch.path, time: 5)
    for record in records { try first.add(record, time: 6) }
    // The checkpoint is of the second epoch; the clock was set back meanwhile.
    let second = try TensorBoardWriter(
      folder: scratch.path, history: Array(records.prefix(2)), time: 4)
    #expect(first.path < second.path)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: second.path)))
    let text = String(decoding: bytes, as: UTF8.self)
    for tag in ["brain.Event:2", "train/loss", "validation/age_mae", "run/learning_rate"] {
      #expect(text.contains(tag), "\(tag)")
    }
    // Field 2 of an event is its step: the start of the session voids all, then come the epochs.
    var steps: [UInt8] = []
    var offset = 0
    while offset < bytes.count {
      let count = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
      let message = bytes[offset + 12..<offset + 12 + count]
      if message[message.startIndex + 9] == 2 << 3 {
        steps.append(message[message.startIndex + 10])
      }
      offset += count + 16
    }
    #expect(steps == [1, 10, 20])
    #expect(throws: FileError.self) {
      try TensorBoardWriter(folder: "\(scratch.path)/no/such/folder")
    }
  }
}

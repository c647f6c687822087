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

  @Test func writesEpochsAndResumes() throws {
    let scratch = try Scratch()
    let first = try TensorBoardWriter(folder: scratch.path, time: 5)
    let second = try TensorBoardWriter(folder: scratch.path, resumingAt: 20, time: 5)
    #expect(first.path != second.path)
    try second.add(
      RunEpoch(epoch: 3, train: ["loss": 1], validation: ["age_mae": 2], learningRate: 3), time: 5)
    let text = String(decoding: try Data(contentsOf: URL(filePath: second.path)), as: UTF8.self)
    for tag in ["brain.Event:2", "train/loss", "validation/age_mae", "run/learning_rate"] {
      #expect(text.contains(tag), "\(tag)")
    }
    #expect(throws: RunReportError.self) {
      try TensorBoardWriter(folder: "\(scratch.path)/no/such/folder")
    }
  }
}

import Files
import Foundation
import Reports
import Testing
import Training

@Suite struct RunFolderTests {
  let temporary: TemporaryFolder
  let folder: RunFolder

  init() throws {
    temporary = try TemporaryFolder()
    folder = RunFolder(temporary.path)
  }

  private func record(_ epoch: Int, mae: Double = 7.25) -> EpochRecord {
    EpochRecord(
      epoch: epoch, step: epoch * 10, learningRate: 1 / 3, train: ["loss": 2.5],
      validation: ["age_mae": mae], imagesPerSecond: 3000, dataWait: 0.001, seconds: 4)
  }

  @Test func recordsComeBack() throws {
    for epoch in 1...3 { try folder.append(record(epoch)) }
    #expect(try folder.records() == [record(1), record(2), record(3)])
    try folder.keepRecords(upToEpoch: 2)
    #expect(try folder.records() == [record(1), record(2)])
  }

  @Test func aLineHasTheAgreedKeys() throws {
    let line = String(decoding: try record(1, mae: .nan).line(), as: UTF8.self)
    #expect(
      line == """
        {"data_wait":0.001,"epoch":1,"images_per_second":3000,"learning_rate":0.3333333333333333,\
        "seconds":4,"step":10,"train":{"loss":2.5},"validation":{}}
        """)
  }

  @Test func aTornLastLineIsLeftOut() throws {
    try folder.append(record(1))
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.metrics))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"epoch\": 2, \"tr".utf8))
    try handle.close()
    #expect(try folder.records() == [record(1)])
  }

  @Test func foreignLinesAreNamed() throws {
    try folder.write("{\"epoch\": 1}\n", to: folder.metrics)
    let error = #expect(throws: FileError.self) { try folder.records() }
    #expect(error?.description.contains("metrics.jsonl:1: expected the record") == true)
  }

  @Test func anEarlierRunIsNotOverwritten() throws {
    try folder.write("train:\n  output: x\n", to: folder.config)
    try folder.append(record(1))
    try folder.write("x", to: folder.path + "/notes.txt")
    let error = #expect(throws: TrainingError.self) { try folder.claim(overwrite: false) }
    #expect(error?.description.contains("has no checkpoint yet, replace it with --force") == true)
    try folder.write("x", to: folder.checkpoint)
    let later = #expect(throws: TrainingError.self) { try folder.claim(overwrite: false) }
    #expect(later?.description.contains("--resume \(folder.path)") == true)
    // What killed runs leave goes too; the user's own weights stay.
    for name in [
      "epoch-0012.safetensors", ".hydranet-77.partial",
      "resnet18.safetensors", "epoch-a.safetensors", "notes.partial",
    ] {
      try folder.write("x", to: "\(folder.path)/\(name)")
    }
    try folder.claim(overwrite: true).commit()
    #expect(
      try temporary.contents() == [
        "epoch-a.safetensors", "notes.partial", "notes.txt", "resnet18.safetensors",
      ])
  }

  @Test func filesThatOnlyHaveARunsNamesAreNotReplaced() throws {
    try folder.write("precious", to: folder.best)
    #expect(throws: TrainingError.self) { try folder.claim(overwrite: true) }
    try folder.write("train:\n  epochs: 3\n", to: folder.config)
    #expect(throws: TrainingError.self) { try folder.claim(overwrite: true) }
    #expect(try temporary.contents() == ["best.safetensors", "config.yaml"])
  }

  @Test func linksReplaceEachOther() throws {
    try folder.write("one", to: folder.last)
    try AtomicFile.link(folder.last, as: folder.best)
    try AtomicFile.link(folder.last, as: folder.best)
    try folder.write("two", to: folder.last)
    #expect(try String(contentsOfFile: folder.best, encoding: .utf8) == "one")
    #expect(try temporary.contents() == ["best.safetensors", "last.safetensors"])
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    try folder.write("x", to: folder.path + "/file")
    let error = #expect(throws: FileError.self) {
      try RunFolder(folder.path + "/file/run").claim(overwrite: false)
    }
    #expect(error?.description.contains("Not a directory") == true)
  }
}

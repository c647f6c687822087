import Files
import Reports
import Testing

@Suite struct RunHistoryTests {
  static func line(_ epoch: Int, _ change: (String, String) = ("", "")) -> String {
    let line =
      #"{"epoch":\#(epoch),"step":74,"train":{"loss":4.5,"age_loss":12.5},"learning_rate":0.01,"#
      + #""validation":{"loss":4.25,"age_mae":11.5,"gender_accuracy":0.75},"data_wait":0.004,"#
      + #""images_per_second":3900.5,"seconds":2.5}"#
    return line.replacing(change.0, with: change.1)
  }

  static func record(_ epoch: Int) -> EpochRecord {
    EpochRecord(
      epoch: epoch, step: 74, learningRate: 0.01, train: ["loss": 4.5, "age_loss": 12.5],
      validation: ["loss": 4.25, "age_mae": 11.5, "gender_accuracy": 0.75],
      imagesPerSecond: 3900.5, dataWait: 0.004, seconds: 2.5)
  }

  static func history(_ text: String) throws -> RunHistory {
    let scratch = try Scratch()
    return try RunHistory(path: try scratch.file(text))
  }

  @Test func readsWhatItWrites() throws {
    var record = Self.record(3)
    let text = String(decoding: try record.line(), as: UTF8.self)
    #expect(try Self.history(Self.line(2) + "\n" + text + "\n").epochs == [Self.record(2), record])
    // JSON has no word for figures that are not finite.
    record.validation["loss"] = .nan
    let line = String(decoding: try record.line(), as: UTF8.self)
    #expect(try Self.history(line + "\n").epochs[0].validation["loss"] == nil)
  }

  @Test func toleratesATornLastLine() throws {
    let history = try Self.history(Self.line(1) + "\n" + Self.line(2).dropLast(9))
    #expect(history.epochs == [Self.record(1)])
    #expect(history.notes.count == 1)
    #expect(history.notes[0].contains("is torn and was left out"))
    // A whole record is taken even if the line's end is what was lost.
    #expect(try Self.history(Self.line(1) + "\n" + Self.line(2)).epochs.count == 2)
    #expect(try Self.history("").epochs.isEmpty)
  }

  static let refused: [(String, String)] = [
    ("text", "expected the record"),
    ("[1]", "expected the record"),
    ("{}", "expected the record"),
    (line(1, ("\"epoch\":1", "\"epoch\":\"1\"")), "expected the record"),
    (line(-1), "epoch is -1, expected 1 to"),
    (line(1, ("\"epoch\":1", "\"epoch\":1.5")), "expected the record"),
    (line(1, ("\"epoch\":1", "\"epoch\":1e300")), "expected the record"),
    (line(1, ("\"step\":74", "\"step\":-5")), "step is -5"),
    (line(1, ("{\"loss\":4.5,\"age_loss\":12.5}", "5")), "expected the record"),
    (line(1, ("0.004", "2")), "data_wait is 2.0, expected a number from 0 to 1"),
    (line(1, ("\"seconds\":2.5", "\"seconds\":-1")), "seconds is -1.0"),
    (line(1, ("age_loss", "")), "expected a name of 1 to 100 bytes"),
    (line(1, ("age_loss", String(repeating: "a", count: 101))), "a name of 1 to 100 bytes"),
    (
      line(1, ("\"age_loss\":12.5", (0..<501).map { "\"k\($0)\":1" }.joined(separator: ","))),
      "502 figures, expected at most 500"
    ),
    (String(repeating: "[", count: 100_000), "expected the record"),
    (#"{"train":"# + String(repeating: #"{"a":"#, count: 10_000), "expected the record"),
  ]

  @Test(arguments: refused.indices)
  func refuses(index: Int) throws {
    let (line, message) = Self.refused[index]
    let error = #expect(throws: FileError.self) { try Self.history(line + "\n") }
    #expect(error?.description.contains(message) == true, "got: \(error?.description ?? "")")
    #expect(error?.description.contains("metrics.jsonl:1: ") == true)
  }

  @Test func refusesEpochsOutOfOrder() throws {
    let text = Self.line(2) + "\n" + Self.line(1) + "\n"
    let error = #expect(throws: FileError.self) { try Self.history(text) }
    #expect(error?.description.contains(":2: epoch 1 follows epoch 2") == true)
  }

  /// No file, a folder in its place, and a file whose bytes cannot be read.
  @Test(arguments: ["/no/such/file", "/tmp", "/proc/self/mem"])
  func aFileThatCannotBeReadIsNotAnEmptyRun(path: String) throws {
    let error = #expect(throws: FileError.self) { try RunHistory(path: path) }
    #expect(error?.description.hasPrefix(path) == true)
  }

  @Test func writesCSV() throws {
    var first = Self.record(1)
    first.validation = ["a,\"b\"": 2]
    var second = Self.record(2)
    second.train = [:]
    second.validation = ["loss": 1e-9]
    #expect(
      MetricsCSV.text(of: RunHistory(epochs: [first, second])) == """
        epoch,step,learning_rate,images_per_second,data_wait,seconds,train.age_loss,train.loss,\
        "validation.a,""b""\",validation.loss\r
        1,74,0.01,3900.5,0.004,2.5,12.5,4.5,2.0,\r
        2,74,0.01,3900.5,0.004,2.5,,,,1e-09\r

        """)
  }
}

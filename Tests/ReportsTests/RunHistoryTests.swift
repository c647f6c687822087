import Reports
import Testing

@Suite struct RunHistoryTests {
  static let lines = [
    #"{"epoch":1,"step":74,"train":{"loss":4.5,"losses":{"age":12.5}},"learning_rate":0.01,"#
      + #""validation":{"loss":4.25,"age_mae":11.5,"gender_accuracy":0.75},"data_wait":0.004,"#
      + #""images_per_second":3900.5,"seconds":2.5,"note":"text","list":[1]}"#,
    #"{"epoch":2,"train":{"loss":3.5},"validation":{"loss":4.5,"age_mae":9.5}}"#,
    #"{"epoch":3,"train":{"loss":3.25},"validation":{"loss":4.0,"age_mae":9.5}}"#,
  ]

  static func history(_ text: String) throws -> RunHistory {
    let scratch = try Scratch()
    return try RunHistory(path: try scratch.file(text))
  }

  @Test func readsRecords() throws {
    let history = try Self.history(Self.lines.joined(separator: "\n") + "\n")
    #expect(history.notes == [])
    #expect(history.epochs.map(\.epoch) == [1, 2, 3])
    let first = RunEpoch(
      epoch: 1, step: 74, train: ["loss": 4.5, "age_loss": 12.5],
      validation: ["loss": 4.25, "age_mae": 11.5, "gender_accuracy": 0.75],
      imagesPerSecond: 3900.5, dataWait: 0.004, seconds: 2.5, learningRate: 0.01)
    #expect(history.epochs[0] == first)
    #expect(history.best()?.epoch == 3)
    #expect(history.best(by: "age_mae")?.epoch == 2)
    #expect(history.best(by: "gender_accuracy")?.epoch == 1)
    #expect(history.best(by: "absent") == nil)
  }

  @Test func toleratesATornLastLine() throws {
    let history = try Self.history(Self.lines[0] + "\n" + Self.lines[1].dropLast(9))
    #expect(history.epochs.count == 1)
    #expect(history.notes.count == 1)
    #expect(history.notes[0].contains("is torn and was left out"))
    // A whole record is taken even if the line's end is what was lost.
    #expect(try Self.history(Self.lines.joined(separator: "\n")).epochs.count == 3)
    #expect(try Self.history("").epochs.isEmpty)
  }

  static let refused: [(String, String)] = [
    ("text", "expected a JSON object"),
    ("[1]", "expected a JSON object"),
    ("{}", "has no epoch"),
    (#"{"epoch":"1"}"#, "epoch should be a number"),
    (#"{"epoch":-1}"#, "epoch should be a number from 0"),
    (#"{"epoch":1.5}"#, "epoch is 1.5, expected a whole number"),
    (#"{"epoch":1e300}"#, "epoch should be a number"),
    (#"{"epoch":1e999}"#, ":1: "),
    (#"{"epoch":1,"step":-5}"#, "step should be"),
    (#"{"epoch":1,"train":5}"#, "train should be an object"),
    (#"{"epoch":1,"validation":[5]}"#, "validation should be an object"),
    (#"{"epoch":1,"data_wait":2}"#, "data_wait should be a number from 0.0 to 1.0"),
    (#"{"epoch":1,"seconds":-1}"#, "seconds should be"),
    (#"{"epoch":1,"train":{"":1}}"#, "names of none or more than 100 bytes"),
    (#"{"epoch":1,"train":{"\#(String(repeating: "a", count: 101))":1}}"#, "more than 100 bytes"),
    (
      #"{"epoch":1,"train":{\#((0..<501).map { "\"k\($0)\":1" }.joined(separator: ","))}}"#,
      "more than 500 figures"
    ),
    (String(repeating: "[", count: 100_000), "expected a JSON object"),
    (#"{"train":"# + String(repeating: #"{"a":"#, count: 10_000), "expected a JSON object"),
  ]

  @Test(arguments: refused.indices)
  func refuses(index: Int) throws {
    let (line, message) = Self.refused[index]
    let error = #expect(throws: RunReportError.self) { try Self.history(line + "\n") }
    #expect(error?.description.contains(message) == true, "got: \(error?.description ?? "")")
    #expect(error?.description.contains("metrics.jsonl:1: ") == true)
  }

  @Test func refusesEpochsOutOfOrder() throws {
    let text = Self.lines[1] + "\n" + Self.lines[0] + "\n"
    let error = #expect(throws: RunReportError.self) { try Self.history(text) }
    #expect(error?.description.contains(":2: epoch 1 follows epoch 2") == true)
    #expect(throws: RunReportError.self) { try RunHistory(path: "/no/such/file") }
  }

  @Test func writesCSV() throws {
    let history = RunHistory(epochs: [
      RunEpoch(epoch: 1, step: 7, train: ["loss": 0.1], validation: ["a,\"b\"": 2]),
      RunEpoch(epoch: 2, validation: ["loss": 1e-9], dataWait: 0.5, learningRate: 0.02),
    ])
    #expect(
      MetricsCSV.text(of: history) == """
        epoch,step,learning_rate,images_per_second,data_wait,seconds,train.loss,\
        "validation.a,""b""\",validation.loss\r
        1,7,,,,,0.1,2.0,\r
        2,,0.02,,0.5,,,,1e-09\r

        """)
  }
}

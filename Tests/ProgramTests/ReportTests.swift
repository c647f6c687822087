import Foundation
import Images
import Store
import Testing

/// `hydra-train report` and `predict --explain`, as a user runs them.
@Suite(.serialized) struct ReportTests {
  @Test func aPageAgain() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      _ = TrainFixture.weights
      try FileManager.default.copyItem(atPath: TrainFixture.undisturbed.run, toPath: run)
      let before = contents(of: run)
      let result = try BuiltProgram.train.run(["report", run])
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
      #expect(result.output == "\(run)/report.html\n\(run)/model-card.md\n")
      // But for the folder's name, the copy's page is the run's.
      #expect(contents(of: run).keys == before.keys)
      #expect(contents(of: run)["metrics.csv"] == before["metrics.csv"])

      let page = folder + "/page.html"
      let bare = try BuiltProgram.train.run(["report", run, "--no-faces", "--output", page])
      #expect(bare.exitCode == 0 && bare.output == page + "\n", "\(bare.errors)")
      #expect(!(try String(contentsOfFile: page, encoding: .utf8)).contains("<img"))

      try FileManager.default.removeItem(atPath: run + "/best.safetensors")
      let now = contents(of: run)
      for path in [run, folder + "/nothing", TrainFixture.store] {
        let refused = try BuiltProgram.train.run(["report", path])
        #expect(refused.exitCode == 1 && refused.output.isEmpty)
        #expect(refused.errorLines.count == 1, "\(refused.errors)")
      }
      #expect(contents(of: run) == now)
    }
  }

  @Test(arguments: [[], ["--tta", "mirror"], ["--batch-size", "1", "--threads", "2"]])
  func whereAnswersComeFrom(flags: [String]) throws {
    let faces = try FileManager.default.contentsOfDirectory(atPath: TrainFixture.faces)
      .filter { $0.hasSuffix(".chip.jpg") }.sorted().prefix(3)
      .map { TrainFixture.faces + "/" + $0 }
    try withTemporaryFolder { folder in
      let maps = folder + "/maps"
      let command =
        ["predict", "--weights", TrainFixture.weights, "--json", "--explain", maps] + flags + faces
      let result = try BuiltProgram.train.run(command)
      #expect(result.exitCode == 0, "\(result.errors)")
      #expect(result.errors.contains("layer2.1, 4×4"))
      #expect(contents(of: maps).count == 9)
      for (index, line) in result.output.split(separator: "\n").enumerated() {
        let object = try Array(line.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
        for task in ["age", "gender", "race"] {
          let path = try #require(object["explanations"]?[task]?.stringValue)
          #expect(path.hasPrefix("\(maps)/00000\(index + 1)-") && path.hasSuffix(".\(task).png"))
          let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
          let picture = try bytes.withUnsafeBytes {
            RGBImage(try ImageDecoder().decode($0, name: path))
          }
          #expect(picture.width == 256 && picture.height == 256)
        }
      }
      let again = try BuiltProgram.train.run(command)
      #expect(again.exitCode == 1 && again.errors.contains("is not empty"))
    }
  }
}

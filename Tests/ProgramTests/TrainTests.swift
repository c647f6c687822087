import Foundation
import Store
import Testing

/// `hydra-train` itself, end to end: what a run writes, and that nothing but its recipe decides it.
@Suite(.serialized) struct TrainTests {
  @Test func aRunAndItsFiles() throws {
    let (run, result) = TrainFixture.undisturbed
    let done = try #require(result)
    #expect(done.exitCode == 0, "\(done.errors)")
    // Not a terminal: a table that grows by a line per epoch, and nothing that moves a cursor.
    #expect(!done.errors.contains("\r") && !done.errors.contains("\u{1B}"))
    let lines = done.errorLines
    try #require(lines.count == 8)
    #expect(lines[0] == "run      \(run)" && lines[4].hasPrefix("epoch "))
    #expect(lines.allSatisfy { $0.count < 80 || $0.contains(TrainFixture.folder) })
    for (index, line) in lines.dropFirst(5).enumerated() {
      #expect(line.hasPrefix("  \(index + 1)/3  ") && line.contains(" %  "), "\(line)")
    }
    let summary = try done.json()
    #expect(summary["run"]?.stringValue == run)
    #expect(summary["weights"]?.stringValue == run + "/best.safetensors")
    #expect(summary["last"]?["epoch"] == 3 && summary["stopped_early"] == false)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: run).sorted() == [
        "best.safetensors", "checkpoint.safetensors", "config.yaml", "last.safetensors",
        "metrics.csv", "metrics.jsonl", "model-card.md", "report.html", "sessions.jsonl",
      ])
    let config = try String(contentsOfFile: run + "/config.yaml", encoding: .utf8)
    #expect(config.contains("batch_size: 16\n") && config.contains("  seed: 3\n"))
    let page = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
    #expect(page.contains("Worst predictions") && page.contains(">female<"))
    #expect(page.hasSuffix("</html>\n"))
    let card = try String(contentsOfFile: run + "/model-card.md", encoding: .utf8)
    #expect(card.contains("## Ethical considerations") && card.contains("| Gender accuracy | "))
  }

  @Test func metricsHaveTheAgreedKeys() throws {
    let records = try TrainFixture.records(TrainFixture.undisturbed.run)
    #expect(records.map { $0["epoch"]?.intValue } == [1, 2, 3])
    for record in records {
      for key in ["images_per_second", "seconds", "learning_rate"] {
        #expect((record[key]?.doubleValue ?? 0) > 0, "\(key)")
      }
      let wait = try #require(record["data_wait"]?.doubleValue)
      #expect((0...1).contains(wait))
      let validation = [
        "loss", "age_loss", "gender_loss", "race_loss", "age_mae", "gender_accuracy",
        "race_accuracy",
      ]
      for key in validation {
        #expect(record["validation"]?[key]?.doubleValue?.isFinite == true, "\(key)")
      }
      for key in ["loss", "age_loss", "gender_loss", "race_loss", "age_weight"] {
        #expect(record["train"]?[key]?.doubleValue?.isFinite == true, "\(key)")
      }
    }
  }

  /// Threads, loader, cache and place of the run change neither weights nor checkpoint by a byte.
  @Test func anyNumberOfThreadsGivesTheSameBytes() throws {
    try withTemporaryFolder { folder in
      let store = try TrainFixture.copyStore(to: folder)
      let result = try BuiltProgram.train.run(
        [
          "--shards", store, "--output", folder + "/run", "--threads", "3", "--loader-threads",
          "2", "--cache", "0", "--checkpoint-every", "4", "--quiet", "--no-report",
        ] + TrainFixture.recipe)
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
      #expect(result.output.contains("weights: \(folder)/run/best.safetensors"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/run/report.html"))
      try expectUndisturbed(folder + "/run")
    }
  }

  /// A choice for every task, said before the first epoch and kept over a kill.
  @Test func everyTaskHasItsChoice() throws {
    try withTemporaryFolder { folder in
      let flags = ["--best-metric", "score", "--best-per-task", "--stop-head", "1"]
      let other = folder + "/other"
      let whole = try BuiltProgram.train.run(
        ["--shards", TrainFixture.store, "--output", other, "--no-report"] + TrainFixture.recipe
          + flags)
      #expect(whole.exitCode == 0, "\(whole.errors)")
      for text in [
        "\nbest     by score, the tasks' mean of 1 - error / error of a constant answer\n",
        "\ntasks    by age_mae, gender_accuracy, race_accuracy\n",
        "\nstop     a task after 1 epoch without a better figure of its own\n", "  score  ",
        " * best age, gender, race\n",
      ] {
        #expect(whole.errors.contains(text), "\(text)")
      }
      #expect(whole.output.contains("\(other)/best-gender.safetensors"))
      let (run, _) = try TrainFixture.stoppedRun(in: folder, signal: SIGKILL, extra: flags)
      let resumed = try BuiltProgram.train.run(["--resume", run, "--threads", "1"])
      #expect(resumed.exitCode == 0, "\(resumed.errors)")
      for name in ["best", "best-age", "best-gender", "best-race", "last", "checkpoint"] {
        let path = "/\(name).safetensors"
        #expect(
          FileManager.default.contentsEqual(atPath: run + path, andPath: other + path), "\(name)")
      }
      let refused = try BuiltProgram.train.run(["--resume", run, "--no-best-per-task"])
      #expect(refused.exitCode != 0 && refused.errors.contains("was begun with best_per_task"))
      // Nothing to choose by.
      let store = folder + "/store"
      _ = try BuiltProgram.prep.run(
        ["build", TrainFixture.faces, "--output", store, "--validation", "0"])
      for (flag, what) in [
        (["--stop-head", "3"], "stop_head"), (["--best-per-task"], "best_per_task"),
      ] {
        let refused = try BuiltProgram.train.run(
          ["--shards", store, "--output", folder + "/none", "--batch-size", "16"] + flag)
        #expect(refused.exitCode != 0 && refused.errors.contains("\(what) "), "\(refused.errors)")
        #expect(refused.errorLines.count == 1)
      }
    }
  }

  @Test func controlCSavesAndResumes() throws {
    try withTemporaryFolder { folder in
      let (run, stopped) = try TrainFixture.stoppedRun(in: folder, signal: SIGINT)
      #expect(stopped.exitCode == 130 && stopped.output.isEmpty)
      let last = try #require(stopped.errorLines.last)
      #expect(last.hasPrefix("hydra-train: stopped after step "))
      #expect(last.hasSuffix("; go on with: hydra-train --resume \(run)"))
      let resumed = try BuiltProgram.train.run(["--resume", run, "--threads", "1", "--json"])
      #expect(resumed.exitCode == 0, "\(resumed.errors)")
      #expect(try resumed.json()["last"]?["step"] == 18)
      try expectUndisturbed(run)
    }
  }

  @Test func aKilledRunGoesOn() throws {
    try withTemporaryFolder { folder in
      let (run, killed) = try TrainFixture.stoppedRun(
        in: folder, signal: SIGKILL, extra: ["--checkpoint-every", "2"])
      #expect(killed.exitCode == SIGKILL)
      let resumed = try BuiltProgram.train.run(["--resume", run])
      #expect(resumed.exitCode == 0, "\(resumed.errors)")
      try expectUndisturbed(run)
      #expect(!contents(of: run).keys.contains { $0.hasSuffix(".partial") })
    }
  }

  /// Weights and checkpoint are the undisturbed run's, to the byte; metrics but for the clock.
  private func expectUndisturbed(
    _ run: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let other = TrainFixture.undisturbed.run
    for name in ["best", "last", "checkpoint"] {
      let path = "/\(name).safetensors"
      #expect(
        FileManager.default.contentsEqual(atPath: run + path, andPath: other + path), "\(name)",
        sourceLocation: sourceLocation)
    }
    for key in ["epoch", "step", "train", "validation"] {
      #expect(
        try TrainFixture.records(run).map { $0[key] }
          == TrainFixture.records(other).map { $0[key] }, "\(key)", sourceLocation: sourceLocation)
    }
  }

  /// The help states what is used where a flag is left out.
  @Test(arguments: [
    ("--epochs", "default: 10"), ("--batch-size", "default: 128"), ("--lr", "default: 0.02"),
    ("--optimizer", "default: sgd"), ("--schedule", "default: one_cycle"),
    ("--threads", "default: auto"), ("--flip", "default: true"),
  ])
  func helpStatesDefaults(flag: String, says: String) throws {
    let help = try BuiltProgram.train.run(["train", "--help"]).output
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("  \(flag)") })
    let entry = lines[start...].dropFirst().prefix { $0.hasPrefix("      ") }
    let text = ([lines[start]] + entry).joined(separator: " ")
    #expect(text.split(separator: " ").joined(separator: " ").contains(says), "\(text)")
  }
}

import Foundation
import Glibc
import Testing

/// What lies between both programs and whoever runs them: output that cannot be written, signals,
/// hostile arguments, mistyped commands, completions.
@Suite struct TerminalTests {
  static let programs = [BuiltProgram.prep, .train]
  static let hostile = "a\u{1B}[2J\u{1B}]0;x\u{7}\nsound; 1 sample"

  /// Commands of both programs that print a result.
  static var results: [(BuiltProgram, [String])] {
    let weights = TrainFixture.weights
    return [
      (.prep, ["--help"]), (.prep, ["--version"]), (.prep, ["stats", TrainFixture.store]),
      (.prep, ["stats", TrainFixture.store, "--json"]), (.prep, ["verify", TrainFixture.store]),
      (.train, ["--help"]), (.train, ["--generate-completion-script", "bash"]),
      (.train, ["inspect", weights]), (.train, ["inspect", weights, "--json"]),
      (.train, ["predict", "--weights", weights, TrainFixture.faces]),
      (.train, ["evaluate", "--weights", weights, "--shards", TrainFixture.store]),
    ]
  }

  @Test func outputThatCannotBeWrittenIsSaid() throws {
    for (program, arguments) in Self.results {
      for redirection in [">/dev/full;", ">&-;"] {
        let result = try program.run(arguments, limit: "exec \(redirection)")
        #expect(result.exitCode == 1, "\(program.name) \(arguments) \(redirection)")
        #expect(result.errorLines.last?.contains("standard output") == true, "\(result.errors)")
      }
    }
  }

  /// A reader that has ended is nothing to complain about, whether or not SIGPIPE is ignored.
  @Test(arguments: ["", "trap '' PIPE;"]) func aClosedPipeEndsQuietly(trap: String) throws {
    for (program, arguments) in Self.results {
      let result = try program.run(arguments, limit: "\(trap) exec > >(:); sleep 0.05;")
      #expect(result.exitCode == (trap.isEmpty ? SIGPIPE : 1), "\(program.name) \(arguments)")
      #expect(!result.errors.contains("standard output"), "\(result.errors)")
    }
  }

  @Test func hostileArgumentsReachNoTerminal() throws {
    let hostile = Self.hostile
    let commands: [(BuiltProgram, [String])] = [
      (.prep, [hostile]), (.prep, ["stats", hostile]), (.prep, ["stats", "x", hostile]),
      (.prep, ["verify", hostile]), (.prep, ["build", "x", "--size", hostile]),
      (.prep, ["build", "x", "--\(hostile)"]), (.prep, ["bench", hostile]), (.train, [hostile]),
      (.train, ["help", hostile]), (.train, ["--optimizer=\(hostile)"]),
      (.train, ["--shards", hostile]), (.train, ["--pipeline", hostile]),
      (.train, ["inspect", hostile]), (.train, ["compare", hostile]),
      (.train, ["predict", "--weights", TrainFixture.weights, hostile]),
    ]
    for (program, arguments) in commands {
      let result = try program.run(arguments)
      #expect(result.exitCode == 1 || result.exitCode == 64, "\(program.name) \(arguments)")
      let lines = (result.output + result.errors).split(separator: "\n")
      #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
      #expect(!lines.contains { $0.hasPrefix("sound; 1 sample") }, "\(result.errors)")
    }
  }

  @Test(arguments: [
    ("verfiy s", "verify"), ("biuld f", "build"), ("stast", "stats"), ("help snyth", "synth"),
  ]) func mistypedCommandsOfPrep(line: String, name: String) throws {
    try expectSuggestion(.prep, line, name)
  }

  @Test(arguments: [
    ("evalute", "evaluate"), ("trian --help", "train"), ("prdict --weights x", "predict"),
  ]) func mistypedCommandsOfTrain(line: String, name: String) throws {
    try expectSuggestion(.train, line, name)
  }

  private func expectSuggestion(_ program: BuiltProgram, _ line: String, _ name: String) throws {
    let result = try program.run(line.split(separator: " ").map(String.init))
    #expect(result.exitCode == 64 && result.output.isEmpty)
    #expect(result.errors.contains("did you mean \(name)?"), "\(result.errors)")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsKnowTheDefaultCommand(shell: String) throws {
    let script = try BuiltProgram.train.run(["--generate-completion-script", shell]).output
    let line = [
      "bash": "[[ \"${COMP_WORDS[1]}\" = -* ]] && { \"_hydra-train_train\"; return; }",
      "zsh": "[[ \"${words[2]}\" = -* ]] && { \"_hydra-train_train\"; return }",
      "fish": "set unparsed_tokens $unparsed_tokens[1] train $unparsed_tokens[2..]",
    ]
    #expect(script.contains(try #require(line[shell])))
  }

  @Test(arguments: [SIGHUP, SIGTERM, SIGINT]) func aSignalSavesAndStops(signal: Int32) throws {
    try withTemporaryFolder { folder in
      let (run, stopped) = try TrainFixture.stoppedRun(in: folder, signal: signal)
      #expect(stopped.exitCode == 130, "\(stopped.errors)")
      #expect(contents(of: run).keys.contains("checkpoint.safetensors"))
    }
  }

  @Test func userSignalSavesAndGoesOn() throws {
    try withTemporaryFolder { folder in
      let (_, done) = try TrainFixture.stoppedRun(in: folder, signal: SIGUSR1)
      #expect(done.exitCode == 0, "\(done.errors)")
      #expect(done.errors.contains("checkpoint saved after step "), "\(done.errors)")
    }
  }

  @Test func oneInterruptEndsAnyCommand() throws {
    try withTemporaryFolder { folder in
      let commands: [(BuiltProgram, [String])] = [
        (.prep, ["synth", "--output", folder + "/faces", "--count", "100000"]),
        (.prep, ["bench", TrainFixture.store, "--seconds", "60"]),
        (.train, ["bench", "--shards", TrainFixture.store, "--seconds", "60"]),
      ]
      for (program, arguments) in commands {
        let start = ContinuousClock.now
        let code = try program.interrupt(arguments, after: .milliseconds(400), signal: SIGINT)
        #expect(code == 130 || code == SIGINT, "\(program.name) \(arguments)")
        #expect(ContinuousClock.now - start < .seconds(20))
      }
    }
  }
}

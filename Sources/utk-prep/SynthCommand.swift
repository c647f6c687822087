import ArgumentParser
import FaceDrawing
import Files
import Store
import Terminal
import Threads

struct SynthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synth",
    abstract: "Draw a data set of faces in the form of UTKFace.",
    usage: "utk-prep synth --output <dir> [<options>]",
    discussion: """
      Cartoon faces as 200×200 JPEGs under UTKFace names, whose age, gender and
      race can be learned from the pixels, and a few malformed files such as real
      collections have. For demonstrations and tests without UTKFace. The same seed gives the same bytes.

        utk-prep synth --output data/raw/drawn --count 6000 --seed 1
        utk-prep build data/raw/drawn --output data/shards/drawn-32
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The folder to fill: empty, new, or drawn before.", valueName: "dir"),
    completion: .directory)
  var output: String

  @Option(help: "How many faces.")
  var count = 6000

  @Option(help: "Decides every face.")
  var seed: UInt64 = 1

  @Option(help: "Worker threads. (default: one per core)")
  var threads: Int?

  func validate() throws {
    guard (1...10_000_000).contains(count) else {
      throw ValidationError("--count takes 1 to 10000000.")
    }
    guard threads.map({ (1...1024).contains($0) }) ?? true else {
      throw ValidationError("--threads takes 1 to 1024.")
    }
  }

  func run() throws {
    Interruption.listen()
    let line = ProgressLine("drawing", total: count, unit: "faces")
    let started = ContinuousClock.now
    try SyntheticDataset(count: count, seed: seed).write(
      to: output, threadCount: threads ?? availableCoreCount()
    ) { done in
      line.update(done: done)
      if Interruption.isRequested {
        throw FileError(
          output,
          "stopped after \(grouped(done)) of \(grouped(count)) faces; the same command starts over")
      }
    }
    line.finish()
    let time = started.duration(to: .now).components
    let seconds = Double(time.seconds) + Double(time.attoseconds) * 1e-18
    try StandardOutput.main.line(
      "\(output): \(grouped(count)) faces and a few malformed files drawn in "
        + "\(durationText(seconds: seconds)), \(grouped(Int(Double(count) / seconds))) faces/s")
  }
}

import ArgumentParser
import Foundation
import Terminal
import Training
import WeightFiles

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "List the tensors and metadata of a weight file, without running anything in it.",
    discussion: """
      Safetensors files and PyTorch's .pth and .pt, the .pth ones without unpickling them.

        hydra-train inspect RUN/best.safetensors
        hydra-train inspect resnet18.pth --json
      """)

  @Flag(help: "Print one JSON object.")
  var json = false

  @Argument(
    help: ArgumentHelp("Weights (.safetensors, .pth).", valueName: "file"),
    completion: .file(extensions: ["safetensors", "pth", "pt"]))
  var file: String

  private struct Report: Encodable {
    struct Tensor: Encodable {
      var name: String
      var type: String
      var shape: [Int]
    }
    var file: String
    var format: String
    var elements: Int
    var bytes: Int
    var notes: [String]
    var metadata: [String: String]
    var tensors: [Tensor]
  }

  func run() throws {
    let weights = try TensorFile.read(file)
    let output = StandardOutput.main
    if json {
      let report = Report(
        file: file, format: weights.format.rawValue, elements: weights.elementCount,
        bytes: weights.byteCount, notes: weights.notes, metadata: weights.metadata,
        tensors: weights.tensors.map {
          .init(name: $0.name, type: $0.element.rawValue, shape: $0.shape)
        })
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      try output.json(String(decoding: encoder.encode(report), as: UTF8.self))
      return
    }
    try output.line(
      "\(file): \(weights.format.rawValue), \(grouped(weights.tensors.count)) tensors, "
        + "\(grouped(weights.elementCount)) elements, \(byteText(weights.byteCount))")
    for note in weights.notes { try output.line("note: \(note)") }
    var table = TextTable(header: ["tensor", "type", "shape"], alignment: [.left, .left, .left])
    for tensor in weights.tensors {
      table.append([
        tensor.name, tensor.element.rawValue,
        tensor.shape.map(String.init).joined(separator: "×"),
      ])
    }
    try output.lines(table.lines(columns: output.columns))
    if let names = WeightDescription.classNames(in: weights.metadata), !names.lines.isEmpty {
      try output.lines(["", "classes:"] + names.lines.map { "  \($0)" })
    }
    for (key, value) in weights.metadata.sorted(by: { $0.key < $1.key }) {
      try output.lines(["", "\(key):"])
      // The text ends with a line's end; all other empty lines are its own.
      for line in (value.last == "\n" ? value.dropLast() : value[...])
        .split(separator: "\n", omittingEmptySubsequences: false)
      {
        try output.line("  \(line)")
      }
    }
  }
}

import Experiment
import Faces
import Files
import Glibc

/// A table of labels: CSV, or JSON Lines where the first byte is odd; every row is looked up.
@Sendable func fuzzTable(_ bytes: UnsafeRawBufferPointer) {
  guard let first = bytes.first else { return }
  let path = "/dev/shm/hydranet-fuzz-\(getpid()).\(first % 2 == 0 ? "csv" : "jsonl")"
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard descriptor >= 0 else { return }
  let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
  _ = write(descriptor, rest.baseAddress, rest.count)
  close(descriptor)
  defer { unlink(path) }
  guard let table = try? LabelTable(path, LabelSettings(), spool: Spool(folder: "/dev/shm")) else {
    return
  }
  for field in rest.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\n") }) {
    _ = try? Array(field).withUnsafeBufferPointer { try table.labels(of: $0).get() }
  }
}

/// A condition as `sample --where` has it.
@Sendable func fuzzCondition(_ bytes: UnsafeRawBufferPointer) {
  guard let text = String(validating: bytes, as: UTF8.self),
    let age = try? Column("age", .label, .number, .uint8),
    let race = try? Column("race", .label, .class, .uint8, classNames: ["White", "Black", "Asian"])
  else { return }
  let condition = try? SampleCondition(text, columns: [age, race])
  _ = condition?.holds { _ in nil }
}

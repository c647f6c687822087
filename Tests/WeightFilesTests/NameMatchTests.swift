import Files
import Testing
import WeightFiles

@Suite struct NameMatchTests {
  static let known = [
    "net.conv1.weight", "net.bn1.weight", "net.layer1.0.conv1.weight", "net.layer1.0.bn1.weight",
    "net.fc1.linear.weight",
  ]

  private func match(_ names: [String]) throws -> NameMatch {
    let scratch = try Scratch()
    let path = scratch.path + "/w.safetensors"
    try SafetensorsWriter.write(
      names.map { NamedTensor(name: $0, shape: [1], floats: [1]) }, to: path)
    return try NameMatch(TensorFile.read(path), known: Self.known)
  }

  @Test(arguments: [
    "", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "net.",
    "backbone.", "encoder.", "encoder_q.", "module.encoder_q.", "model.module.", "a.b.c.0.",
    "_fsdp_wrapped_module.",
  ])
  func findsTheNetworkUnderAnyPrefix(prefix: String) throws {
    let whole = try match(Self.known.map { prefix + $0 } + ["loss.weight"])
    #expect(whole.tensors.map(\.name).sorted() == Self.known.sorted())
    #expect(whole.prefix == prefix + "net." && whole.unknown.isEmpty)
    #expect(whole.outside == ["loss.weight"])
    let trunk = try match(Self.known.dropLast().map { prefix + $0.dropFirst(4) })
    #expect(trunk.tensors.map(\.name).sorted() == Self.known.dropLast().sorted())
    #expect(trunk.prefix == prefix)
  }

  @Test(arguments: ["_orig_mod.", "module.", "_fsdp_wrapped_module."])
  func takesWrappersOffInside(wrapper: String) throws {
    let inside = try match(
      Self.known.map { $0.replacing("net.", with: "net.\(wrapper)") })
    #expect(inside.tensors.count == 5)
    let deep = try match(Self.known.map { $0.replacing("layer1.", with: "layer1.\(wrapper)") })
    #expect(deep.tensors.count == 5)
  }

  @Test func aMomentumEncoderIsNotMeant() throws {
    let trunk = Self.known.dropLast().map { $0.dropFirst(4) }
    let found = try match(
      trunk.map { "module.encoder_q." + $0 } + trunk.map { "module.encoder_k." + $0 })
    #expect(found.prefix == "module.encoder_q." && found.tensors.count == 4)
    #expect(throws: FileError.self) {
      try match(trunk.map { "student." + $0 } + trunk.map { "teacher." + $0 })
    }
  }

  @Test func tellsWhatTheNetworkLacks() throws {
    let other = try match(Self.known + ["net.layer1.1.conv1.weight", "scale"])
    #expect(other.unknown.map(\.name) == ["net.layer1.1.conv1.weight"])
    #expect(other.outside == ["scale"])
    #expect(try match(["features.0.weight"]).tensors.isEmpty)
  }
}

import Files
import Terminal

/// Where a network's tensors are in a file: people save them from inside other modules, and so their
/// names begin with `module.`, `model.`, `backbone.`, `module.encoder_q.` and the like.
///
/// ```swift
/// let match = try NameMatch(file, known: ["net.conv1.weight", "net.bn1.weight"])
/// print(match.prefix, match.tensors.count)
/// ```
///
/// The prefix is not looked up in a list: it is whatever precedes most of the network's own names.
package struct NameMatch {
  /// What comes before all names of the network, with or without its `net.`.
  package let prefix: String
  /// The network's tensors, under the names it has for them, in the file's order.
  package let tensors: [NamedTensor]
  /// Tensors below the prefix, named as the network would name them, that it does not have.
  package let unknown: [NamedTensor]
  /// Names in the file that do not begin with the prefix.
  package let outside: [String]

  /// Components that wrappers add to names, at any depth: torch.compile, DataParallel, FSDP,
  /// activation checkpointing, Opacus.
  private static let wrappers: Set<Substring> = [
    "_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_module",
  ]
  /// A name of the network has fewer components.
  private static let longestName = 32

  /// - Parameters:
  ///   - known: the network's names; those of one that begins with `root` are found without it too.
  ///   - root: `net.`, as the article's class calls its trunk.
  /// - Throws: `FileError` where two networks in the file have equally many of the names.
  package init(
    _ file: TensorFile, known: [String], root: String = "net."
  ) throws(FileError) {
    let cores = Set(known.map { $0.hasPrefix(root) ? String($0.dropFirst(root.count)) : $0 })
    let starts = Set(cores.compactMap { $0.split(separator: ".").first })
    var counts: [String: Int] = [:]
    for tensor in file.tensors where !tensor.name.hasSuffix(Self.counterSuffix) {
      for (prefix, core) in Self.splits(tensor.name, starts: starts) where cores.contains(core) {
        counts[prefix, default: 0] += 1
      }
    }
    prefix = try Self.best(counts, path: file.path)
    var tensors: [NamedTensor] = []
    var unknown: [NamedTensor] = []
    var outside: [String] = []
    let full = Dictionary(
      known.map { ($0.hasPrefix(root) ? String($0.dropFirst(root.count)) : $0, $0) },
      uniquingKeysWith: { first, _ in first })
    for tensor in file.tensors {
      guard tensor.name.hasPrefix(prefix) else {
        outside.append(tensor.name)
        continue
      }
      let core = Self.unwrapped(tensor.name.dropFirst(prefix.count).split(separator: "."))
      if let name = full[core] {
        tensors.append(tensor.renamed(name))
      } else {
        unknown.append(tensor.renamed(root + core))
      }
    }
    self.tensors = tensors
    self.unknown = unknown
    self.outside = outside
  }

  /// BatchNorm's counters of batches, which only some files have.
  package static let counterSuffix = ".num_batches_tracked"

  /// The ways to take a name for a prefix and one of the network's own names.
  private static func splits(
    _ name: String, starts: Set<Substring>
  ) -> [(prefix: String, core: String)] {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.indices.suffix(longestName).filter { starts.contains(parts[$0]) }.map { index in
      (parts[..<index].map { $0 + "." }.joined(), unwrapped(parts[index...]))
    }
  }

  private static func unwrapped<Parts: Sequence<Substring>>(_ parts: Parts) -> String {
    parts.filter { !wrappers.contains($0) }.joined(separator: ".")
  }

  /// The prefix of most names. A momentum encoder is a copy that no one wants.
  private static func best(_ counts: [String: Int], path: String) throws(FileError) -> String {
    let most = counts.values.max() ?? 0
    let all = counts.filter { $0.value == most }.keys.sorted()
    let meant = all.filter { !$0.contains("encoder_k.") && !$0.contains("momentum_encoder.") }
    let candidates = meant.isEmpty ? all : meant
    guard candidates.count <= 1 || most == 0 else {
      let some = candidates.prefix(4).map { $0.isEmpty ? "no prefix" : quoted($0) }
      throw FileError(
        path,
        "holds \(candidates.count) networks with the same names, under "
          + "\(some.joined(separator: " and ")): save the one that you mean alone")
    }
    return candidates.first ?? ""
  }
}

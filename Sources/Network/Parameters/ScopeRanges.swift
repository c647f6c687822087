/// The part of the network that a parameter belongs to.
enum ParameterPart: Hashable {
  case trunk
  /// MTAN's shared encoders.
  case encoders
  /// A task's head, and its attention.
  case task(Int)

  init(name: String) {
    if name.hasPrefix(HydraNet.encoderPrefix) {
      self = .encoders
      return
    }
    for prefix in ["net.fc", "net.attention"] where name.hasPrefix(prefix) {
      if let number = Int(name.dropFirst(prefix.count).prefix(while: { $0 != "." })) {
        self = .task(number - 1)
        return
      }
    }
    self = .trunk
  }
}

/// Live parts of the arena by scope.
final class ScopeRanges {
  var isTrunkFrozen = false
  var areEncodersFrozen = false
  var frozenHeads: Set<Int> = []
  private let trunk: [Range<Int>]
  private let encoders: [Range<Int>]
  private let heads: [[Range<Int>]]

  init(table: ParameterTable) {
    var trunk: [Range<Int>] = []
    var encoders: [Range<Int>] = []
    var heads: [[Range<Int>]] = []
    for entry in table.entries {
      switch ParameterPart(name: entry.name) {
      case .trunk: trunk += entry.liveRanges
      case .encoders: encoders += entry.liveRanges
      case .task(let task):
        while heads.count <= task { heads.append([]) }
        heads[task] += entry.liveRanges
      }
    }
    self.trunk = trunk
    self.encoders = encoders
    self.heads = heads
  }

  func ranges(_ scope: GradientScope) -> [Range<Int>] {
    switch scope {
    case .all:
      (isTrunkFrozen ? [] : trunk) + (areEncodersFrozen ? [] : encoders)
        + heads.indices.filter { !frozenHeads.contains($0) }.flatMap { heads[$0] }
    case .trunk: trunk + encoders
    case .head(let task): heads[task]
    }
  }
}

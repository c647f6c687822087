import Experiment

extension StoreIdentity {
  /// As weight files and checkpoints remember it.
  package var json: JSONValue {
    var members: [String: JSONValue] = ["metadata_sha256": .string(metadataSHA256)]
    if let contentSHA256 { members["content_sha256"] = .string(contentSHA256) }
    if !membersSHA256.isEmpty {
      members["members_sha256"] = .object(membersSHA256.mapValues { .string($0) })
    }
    return .object(members)
  }

  /// Reads what `json` wrote; nil where it is something else.
  package init?(json: JSONValue) {
    guard let metadata = json["metadata_sha256"]?.stringValue else { return nil }
    var members: [String: String] = [:]
    if case .object(let values)? = json["members_sha256"] {
      members = values.compactMapValues(\.stringValue)
    }
    self.init(
      metadataSHA256: metadata, contentSHA256: json["content_sha256"]?.stringValue,
      membersSHA256: members)
  }
}

import Photographs
import Store

/// What building one part did.
package struct PartSummary: Sendable {
  package let part: PartNumber
  /// Where its segment is.
  package let folder: String
  /// Photographs of this part, and those of the whole source.
  package var found = 0
  package var sourceFound = 0
  package var rejected = 0
  /// Samples that an earlier run of this part had finished.
  package var resumedSamples = 0
  /// Samples that were copied from a store.
  package var reusedSamples = 0
  /// Files of the whole source that are passed over.
  package var ignored = IgnoredFiles()
  package var notices: [String] = []
  /// The part was finished already, from the same photographs and options.
  package var isUnchanged = false
  package var seconds = 0.0

  package var json: JSONValue {
    [
      "part": .integer(part.number), "parts": .integer(part.count), "folder": .string(folder),
      "found": .integer(found), "source_found": .integer(sourceFound),
      "rejected_total": .integer(rejected), "resumed_samples": .integer(resumedSamples),
      "reused_samples": .integer(reusedSamples), "ignored": .integer(ignored.count),
      "ignored_kinds": .object(ignored.kinds.mapValues { .integer($0) }),
      "unchanged": .bool(isUnchanged), "seconds": .number(seconds),
      "notices": .array(notices.map { .string($0) }),
    ]
  }
}

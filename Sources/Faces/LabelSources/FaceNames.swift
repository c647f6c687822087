import Experiment
import Photographs

/// UTKFace's labels, which are in the names of its files.
package struct FaceNames: LabelSource {
  private let strict: Bool

  /// - Parameter strict: rejects irregular timestamps.
  package init(strict: Bool) { self.strict = strict }

  package var columns: [Column] { FaceLabels.columns }
  package var identity: String { strict ? "names, strict" : "names" }

  package func labels(of path: UnsafeBufferPointer<UInt8>) -> Result<LabelRow, NameReject> {
    FaceFileName.parse(bytes: FileList.baseName(of: path), strict: strict).map { name in
      LabelRow(
        values: LabelField.allCases.map { name.labels[$0] },
        isIrregular: name.irregularity != nil)
    }
  }
}

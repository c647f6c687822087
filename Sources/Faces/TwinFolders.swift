import Checksums
import Files
import Photographs

/// Notices folders that hold files of the same names, as Kaggle's archive of UTKFace does with
/// `UTKFace/`, `crop_part1/` and `utkface_aligned_cropped/`.
package enum TwinFolders {
  /// Fewer shared names than this are taken for chance.
  static let leastShared = 8
  /// Shared by fewer than one name in twenty of the smaller folder: also chance.
  static let leastShare = 20

  private struct Pair: Hashable {
    let first: Int
    let second: Int
  }

  private struct NameInFolder: BitwiseCopyable, Comparable {
    let hash: UInt64
    let folder: Int

    static func < (a: Self, b: Self) -> Bool { (a.hash, a.folder) < (b.hash, b.folder) }
  }

  /// One sentence for every pair of twin folders, in path order.
  ///
  /// - Throws: `FileError`.
  /// - Complexity: O(n log n) time; memory for every folder, but not for every file.
  package static func notices(in files: FileList, spool: Spool) throws -> [String] {
    var folders: [[UInt8]] = []
    var folderSizes: [Int] = []
    var folderIndex: [[UInt8]: Int] = [:]
    var names = ExternalSorter<NameInFolder>(spool)
    try files.forEachPath { _, path in
      let name = FileList.baseName(of: path)
      let folder = Array(path[..<max(0, path.count - name.count - 1)])
      let known = folderIndex[folder] ?? folders.count
      if known == folders.count {
        folderIndex[folder] = known
        folders.append(folder)
        folderSizes.append(0)
      }
      folderSizes[known] += 1
      try names.add(NameInFolder(hash: SipHash.hash(name, key0: 0, key1: 0), folder: known))
    }
    guard folders.count > 1 else { return [] }

    var shared: [Pair: Int] = [:]
    // Each folder against the first that has the name: linear, however many folders share it.
    var first: NameInFolder?
    try names.forEachElement { name in
      if let first, first.hash == name.hash {
        shared[Pair(first: first.folder, second: name.folder), default: 0] += 1
      } else {
        first = name
      }
    }
    return
      shared
      .filter { pair, count in
        let smaller = min(folderSizes[pair.first], folderSizes[pair.second])
        return count >= leastShared && count * leastShare >= smaller
      }
      .sorted { ($0.key.first, $0.key.second) < ($1.key.first, $1.key.second) }
      .map { pair, count in
        "folders \(title(folders[pair.first])) and \(title(folders[pair.second])) share "
          + "\(count) file names, so faces may be in the data twice and on both sides of the "
          + "split: give only one of the folders as the source"
      }
  }

  private static func title(_ folder: [UInt8]) -> String {
    folder.isEmpty ? "." : String(decoding: folder, as: UTF8.self)
  }
}

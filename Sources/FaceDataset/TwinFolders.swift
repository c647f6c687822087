/// Notices folders that hold files of the same names, as Kaggle's archive of UTKFace does with
/// `UTKFace/`, `crop_part1/` and `utkface_aligned_cropped/`.
enum TwinFolders {
  /// Fewer shared names than this are taken for chance.
  static let leastShared = 8
  /// Shared by fewer than one name in twenty of the smaller folder: also chance.
  static let leastShare = 20

  private struct Pair: Hashable {
    let first: Int
    let second: Int
  }

  /// One sentence for every pair of twin folders, in path order.
  ///
  /// - Complexity: O(n log n) time, 16 bytes a file, whatever the names.
  static func notices(in files: FileList) -> [String] {
    var folders: [[UInt8]] = []
    var folderSizes: [Int] = []
    var folderIndex: [[UInt8]: Int] = [:]
    var names: [(hash: UInt64, folder: Int)] = []
    names.reserveCapacity(files.count)
    for index in 0..<files.count {
      files.withPath(at: index) { path in
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let folder = Array(path[..<(slash ?? 0)])
        let known = folderIndex[folder] ?? folders.count
        if known == folders.count {
          folderIndex[folder] = known
          folders.append(folder)
          folderSizes.append(0)
        }
        folderSizes[known] += 1
        let name = UnsafeBufferPointer(rebasing: path[(slash.map { $0 + 1 } ?? 0)...])
        names.append((SipHash.hash(name, key0: 0, key1: 0), known))
      }
    }
    guard folders.count > 1 else { return [] }
    names.sort { ($0.hash, $0.folder) < ($1.hash, $1.folder) }

    var shared: [Pair: Int] = [:]
    var start = 0
    while start < names.count {
      var end = start + 1
      while end < names.count, names[end].hash == names[start].hash { end += 1 }
      // Each folder against the first that has the name: linear, however many folders share it.
      for position in start + 1..<max(end, start + 1) {
        shared[Pair(first: names[start].folder, second: names[position].folder), default: 0] += 1
      }
      start = end
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

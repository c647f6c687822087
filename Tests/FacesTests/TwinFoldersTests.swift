import Faces
import Files
import Foundation
import Photographs
import Testing

@Test func twinFoldersAreNoticed() throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: folder) }
  let names = (0..<10).map { "\($0 + 1)_0_0_20170101000000000.jpg" }
  let paths =
    names.map { "UTKFace/\($0)" } + names.map { "crop_part1/\($0)" }
    + ["elsewhere/1_0_0_20170101000000000.jpg"]
  for path in paths {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    #expect(FileManager.default.createFile(atPath: url.path, contents: Data()))
  }
  let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
  let files = try FileList.paths(of: FolderSource(folder.path, spool: spool), spool: spool).files
  #expect(files.count == 21)
  let notices = try TwinFolders.notices(in: files, spool: spool)
  #expect(notices.count == 1)
  #expect(
    notices.first?.hasPrefix("folders UTKFace and crop_part1 share 10 file names") == true)
}

import Archives

/// tar, tar.gz and zip, every entry read.
@Sendable func fuzzArchive(_ bytes: UnsafeRawBufferPointer) {
  withFile(bytes) { path in
    guard let archive = try? ArchiveReader(path: path) else { return }
    while let entry = try? archive.next() {
      _ = entry
      if (try? archive.content()) == nil { return }
    }
  }
}

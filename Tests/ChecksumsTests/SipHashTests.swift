import Checksums
import Testing

@Suite struct SipHashTests {
  // The key and the values of the reference implementation's vectors_sip64 table.
  private static let key0: UInt64 = 0x0706_0504_0302_0100
  private static let key1: UInt64 = 0x0F0E_0D0C_0B0A_0908

  @Test(arguments: [
    (0, 0x726F_DB47_DD0E_0E31 as UInt64), (1, 0x74F8_39C5_93DC_67FD),
    (7, 0xAB02_00F5_8B01_D137), (8, 0x93F5_F579_9A93_2462), (15, 0xA129_CA61_49BE_45E5),
  ])
  func referenceVectors(count: Int, expected: UInt64) {
    let message = (0..<UInt8(count)).map { $0 }
    let hash = message.withUnsafeBufferPointer {
      SipHash.hash($0, key0: Self.key0, key1: Self.key1)
    }
    #expect(hash == expected)
  }

  @Test func wordsAreTheirLittleEndianBytes() {
    #expect(
      SipHash.hash(0x0706_0504_0302_0100, key0: Self.key0, key1: Self.key1)
        == 0x93F5_F579_9A93_2462)
  }
}

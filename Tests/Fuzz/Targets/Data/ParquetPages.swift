import Formats
import Storage

extension FuzzTarget {
  /// The pages of one column. The input gives the column type, then header and body of each page. The target compresses the body,
  /// because a fuzzer would never find valid snappy or zstd data.
  static let parquetPages = FuzzTarget("parquet-pages") {
    let plain: [UInt8] = [0, 0, 0, 1, 8, 0, 0, 0, 0, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    let levels: [UInt8] = [0, 0, 2, 0, 0, 0, 3, 5, 9, 0, 0, 0]
    return [
      [2, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0] + [8] + plain.suffix(8),
      // Nullable int32 with snappy; run-length levels with a 4-byte length.
      [1, 1, 1, 0, 3, 0, 0, 0, 3, 0, 0, 0, 14] + levels.suffix(0) + [
        2, 0, 0, 0, 6, 1, 1, 0, 0, 0, 2, 0, 0, 0,
      ],
      // A dictionary of strings, and indices.
      [6, 0, 2, 0, 4, 0, 1, 0, 2, 0, 0, 0, 10, 1, 0, 0, 0, 97, 1, 0, 0, 0, 98, 0, 8, 4, 0, 0, 0, 3, 1, 3, 6],
      // Delta, delta length, delta byte array, byte stream split, booleans.
      [2, 0, 0, 0, 3, 0, 0, 5, 3, 0, 0, 0, 12, 128, 1, 4, 3, 2, 0, 0, 0, 0, 0, 0, 0],
      [6, 0, 3, 0, 2, 0, 0, 6, 2, 0, 0, 0, 11, 128, 1, 4, 2, 2, 0, 0, 0, 0, 0, 97, 98],
      [
        6, 0, 0, 0, 2, 0, 0, 7, 2, 0, 0, 0, 20, 128, 1, 4, 2, 0, 0, 0, 0, 0, 0, 128, 1, 4, 2, 2, 0, 0, 0, 0,
        97,
      ],
      [4, 0, 0, 0, 2, 0, 0, 9, 2, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
      [0, 0, 0, 0, 9, 0, 0, 3, 9, 0, 0, 0, 7, 3, 0, 0, 0, 5, 255, 1],
      // Version 2, nullable, with uncompressed levels.
      [2, 1, 3, 0, 2, 0, 2, 0, 2, 0, 1, 0, 10, 3, 1, 1, 2, 3, 4, 5, 6, 7, 8],
    ]
  } check: { input in
    try checkParquet(try file(input))
  }

  private static let types: [ParquetPhysicalType] = [
    .boolean, .int32, .int64, .int96, .float, .double, .byteArray, .fixedLenByteArray,
  ]

  /// Choices: physical type, nullable, codec, logical type, rows (two bytes). Then pages: kind, encoding, values (two bytes), nulls,
  /// encoding of levels, length and bytes of the body.
  private static func file(_ input: [UInt8]) throws -> [UInt8] {
    var script = Script(input)
    let physical = script.choice(types)
    let isNullable = script.flag()
    let codec = script.choice(ParquetCodec.allCases)
    let logical = Int32(script.byte())
    let rows = script.uint16()
    var bytes = Array("PAR1".utf8)
    while !script.isAtEnd { bytes += try page(&script, codec) }
    let size = Int64(bytes.count - 4)
    var footer = ThriftWriter()
    footer.structure { footer in
      footer.int32(1, 1)
      footer.structures(2, [false, true]) { element, isColumn in
        if isColumn {
          element.int32(1, physical.rawValue)
          element.int32(2, [2, 16, 12, 5][Int(logical) % 4])
          element.int32(3, isNullable ? 1 : 0)
        }
        element.string(4, isColumn ? "x" : "root")
        if !isColumn { element.int32(5, 1) }
        if isColumn, logical > 0 { element.int32(6, logical - 1) }
        if isColumn { element.int32(7, logical % 40) }
      }
      footer.int64(3, Int64(rows))
      footer.structures(4, [0]) { group, _ in
        group.structures(1, [0]) { chunk, _ in
          chunk.structure(3) { chunk in
            chunk.int32(1, physical.rawValue)
            chunk.int32(4, codec.rawValue)
            chunk.int64(5, Int64(rows))
            chunk.int64(7, size)
            chunk.int64(9, 4)
          }
        }
        group.int64(3, Int64(rows))
      }
    }
    bytes += footer.bytes
    bytes += withUnsafeBytes(of: UInt32(footer.bytes.count).littleEndian) { Array($0) }
    return bytes + Array("PAR1".utf8)
  }

  private static func page(_ script: inout Script, _ codec: ParquetCodec) throws -> [UInt8] {
    let kind = script.byte() % 4
    let encoding = Int32(script.byte() % 12)
    let values = Int32(script.uint16())
    let nulls = Int32(script.byte())
    let levels: Int32 = script.flag() ? 4 : 3
    let body = script.take(Int(script.byte()))
    // In version 2, levels come before the compressed part.
    let levelBytes = kind == 2 ? min(Int(nulls) / 2, body.count) : 0
    let content = Array(body[levelBytes...])
    let compressed: [UInt8] =
      switch codec {
      case .none: content
      case .snappy: try Snappy().compress(content)
      case .gzip: try Gzip(level: 1).compress(content)
      case .brotli: try Brotli().compress(content)
      case .lz4: try LZ4().compress(content)
      case .lz4Hadoop: try HadoopLZ4().compress(content)
      case .zstd: try Zstd().compress(content)
      }
    var header = ThriftWriter()
    header.structure { header in
      header.int32(1, [0, 2, 3, 9][Int(kind)])
      header.int32(2, Int32(body.count))
      header.int32(3, Int32(levelBytes + compressed.count))
      switch kind {
      case 0:
        header.structure(5) { data in
          data.int32(1, values)
          data.int32(2, encoding)
          data.int32(3, levels)
          data.int32(4, levels)
        }
      case 1:
        header.structure(7) { dictionary in
          dictionary.int32(1, values)
          dictionary.int32(2, encoding)
        }
      case 2:
        header.structure(8) { data in
          data.int32(1, values)
          data.int32(2, nulls % 16)
          data.int32(3, values)
          data.int32(4, encoding)
          data.int32(5, Int32(levelBytes))
          data.int32(6, 0)
        }
      default: break
      }
    }
    return header.bytes + body[..<levelBytes] + compressed
  }
}

import CWebPage

/// The page's files embedded in the binary. The only type that reads them.
enum Assets {
  struct Asset: Sendable {
    let type: String
    let bytes: [UInt8]
  }

  /// By path.
  static let all: [String: Asset] = {
    var assets: [String: Asset] = [:]
    for asset in UnsafeBufferPointer(start: swiftlet_assets, count: swiftlet_asset_count) {
      guard let path = asset.path, let type = asset.type else { continue }
      assets[String(cString: path)] = Asset(
        type: String(cString: type), bytes: Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))
      )
    }
    return assets
  }()
}

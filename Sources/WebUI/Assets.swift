import CWebPage

/// The files of the page, as they are inside the program. The one type that reads them.
enum Assets {
  struct Asset: Sendable {
    let type: String
    let bytes: [UInt8]
  }

  /// By their paths.
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

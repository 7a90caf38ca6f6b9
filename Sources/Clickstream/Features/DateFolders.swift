import Basics
import Storage

/// Skips the folders `dt=YYYY-MM-DD` of an input whose events are all outside of the dates.
///
/// A folder name is trusted only if the input's manifest says that it is the UTC date of the events (`ingest` and `swift-events`
/// write that), and then only for the files that the manifest lists; or for all files, if the job says so.
struct DateFolders {
  private(set) var objects: [ObjectInfo] = []
  /// Files in folders of other dates, and their bytes.
  private(set) var skipped = 0
  private(set) var skippedBytes: Int64 = 0
  private var skippedDays: [Int: Int] = [:]

  /// - Parameters:
  ///   - all: The objects of the input.
  ///   - key: The key of the folder names, if the job gives one.
  init(_ all: [ObjectInfo], in range: TimeRange, input: OutputFolder, key: String?) throws {
    let manifest = try input.manifest()
    guard let prefix = (key ?? manifest?.extra[Manifest.dateFoldersKey]).map({ $0 + "=" }) else {
      objects = all
      return
    }
    let root = input.uri.description
    let listed =
      key == nil
      ? Set((manifest?.files ?? []).map { ObjectName(input.uri.appending($0.name).description) }) : nil
    for object in all {
      guard listed?.contains(object.name) ?? true,
        let day = DateFolders.day(of: object.uri.utf8.dropFirst(root.utf8.count), prefix: prefix),
        Int64(day + 1) * LocalClock.day <= range.start || Int64(day) * LocalClock.day >= range.end
      else {
        objects.append(object)
        continue
      }
      skipped += 1
      skippedBytes += object.size
      skippedDays[day, default: 0] += 1
    }
  }

  /// The date in the folder names of a path.
  private static func day(of path: Substring.UTF8View, prefix: String) -> Int? {
    for folder in path.split(separator: UInt8(ascii: "/")).dropLast() where folder.starts(with: prefix.utf8) {
      let text = String(decoding: folder.dropFirst(prefix.utf8.count), as: UTF8.self)
      guard text.utf8.count == 10, let time = ISO8601.milliseconds(text) else { continue }
      return Int(time / LocalClock.day)
    }
    return nil
  }

  /// `2025-04-01 to 2025-04-21`; nil if nothing was skipped.
  var skippedDates: String? {
    guard let first = skippedDays.keys.min(), let last = skippedDays.keys.max() else { return nil }
    return first == last ? CivilDate.text(first) : "\(CivilDate.text(first)) to \(CivilDate.text(last))"
  }
}

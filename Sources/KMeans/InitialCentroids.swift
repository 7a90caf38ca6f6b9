import Basics
import Storage
import Wire

/// User-supplied centroids: a JSON array of centroids, each an array of numbers in original units and column order, or the
/// `_model.json` of an earlier run.
package enum InitialCentroids {
  package static func read(
    _ uri: String, columns: [String], settings: Settings = Settings()
  ) throws -> Centroids {
    try decode(try ObjectStores.contents(of: uri, settings: settings), uri, columns: columns)
  }

  /// - Parameter uri: Named in errors.
  package static func decode(_ bytes: [UInt8], _ uri: String, columns: [String]) throws -> Centroids {
    let value: JSONValue
    do { value = try JSONText.parse(bytes) } catch {
      throw StorageError.invalid(location: uri, message: "is not JSON: \(error)")
    }
    if case .object(let model) = value {
      guard case .array(let names)? = model["columns"], let rows = model["centersOriginal"] else {
        throw StorageError.invalid(
          location: uri,
          message: "expected an array of centroids, or a model with 'columns' and 'centersOriginal'"
        )
      }
      return try centroids(rows, uri, order: try order(names, columns, uri))
    }
    return try centroids(value, uri, order: Array(columns.indices))
  }

  /// Returns the index of each requested column in the model.
  private static func order(_ names: [JSONValue], _ columns: [String], _ uri: String) throws -> [Int] {
    guard names.count == columns.count else {
      throw StorageError.invalid(
        location: uri, message: "its centroids have \(names.count) columns, \(columns.count) are clustered")
    }
    return try columns.map { column in
      guard let index = names.firstIndex(of: .string(column)) else {
        throw StorageError.invalid(location: uri, message: "its centroids have no column '\(column)'")
      }
      return index
    }
  }

  private static func centroids(_ value: JSONValue, _ uri: String, order: [Int]) throws -> Centroids {
    guard case .array(let rows) = value, !rows.isEmpty else {
      throw StorageError.invalid(location: uri, message: "expected a non-empty array of centroids")
    }
    let centroids = try rows.enumerated().map { index, row -> [Double] in
      guard case .array(let cells) = row, cells.count == order.count else {
        throw StorageError.invalid(
          location: "\(uri), centroid \(index)", message: "expected an array of \(order.count) numbers")
      }
      let numbers = try cells.enumerated().map { column, cell -> Double in
        switch cell {
        case .integer(let number): return Double(number)
        case .number(let number) where number.magnitude <= RawColumns.largest: return number
        default:
          throw StorageError.invalid(
            location: "\(uri), centroid \(index), column \(column)",
            message: "expected a number within ±\(RawColumns.largest)")
        }
      }
      return order.map { numbers[$0] }
    }
    return Centroids(centroids, dimensions: order.count)
  }
}

import KMeans
import Storage

extension FuzzTarget {
  /// `_SUCCESS`, which marks a complete output.
  static let manifest = FuzzTarget("manifest") {
    let manifest = Manifest(
      step: "features", program: StepProgram(version: 1), parameters: ["input": "/in", "n": "1.5"],
      inputs: [
        ObjectInfo(uri: "/in/a", size: 5, version: "1"), ObjectInfo(uri: "/in/b", size: 0, version: "2"),
      ],
      extra: ["rejected": "3"])
    return [try manifest.encoded(), []]
  } check: { input in
    guard let manifest = Manifest(json: input) else { return }
    let encoded = try manifest.encoded()
    try require(Manifest(json: encoded) == manifest, "a manifest is another one after it was written")
    try require(try Manifest(json: encoded)?.encoded() == encoded, "one manifest has two forms")
  }

  /// Initial centroids: an array, or the model of an earlier run.
  static let centroids = FuzzTarget("centroids") {
    [
      "[[1,2],[3.5,-4e3]]", #"{"columns":["b","a"],"centersOriginal":[[1,2],[3,4]]}"#, "[[1e141,0]]",
      #"{"columns":["a"],"centersOriginal":[]}"#,
    ].map { Array($0.utf8) }
  } check: { input in
    let columns = ["a", "b"]
    guard
      let centroids = try unless(
        StorageError.self, { try InitialCentroids.decode(input, "c.json", columns: columns) })
    else { return }
    try require(
      centroids.dimensions == 2 && centroids.count > 0,
      "\(centroids.count) × \(centroids.dimensions) centroids")
    try require(centroids.values.allSatisfy { $0.magnitude <= RawColumns.largest }, "a centroid out of reach")
  }
}

import Swiftlet

/// JoinExample submit --events data/raw --segments data/user_segments
///
/// Revenue per user segment, from raw events and the output of the `segment` step.
@main struct JoinExample: Job {
  static let help = "Joins purchases with user segments and shows the revenue of each segment."

  @Option("Folder of click events (JSON Lines).") var events: DataPath
  @Option("Folder of user segments (Parquet).") var segments: DataPath

  struct Event: Record {
    let event_type: String
    let user_id: String
    let price: Double?
    let quantity: Double?
  }

  struct Member: Record {
    let user_id: String
    let segment: Int
  }

  struct Sales: Record {
    var purchases = 0
    var revenue = 0.0
  }

  func pipeline() -> Pipeline {
    let purchases = Dataset<Event>(jsonLines: events).filter { $0.event_type == "purchase" }
    let sales = Aggregation<Joined<Event, Member>, Sales, Sales>(
      start: { Sales() },
      add: { sales, row in
        sales.purchases += 1
        sales.revenue += (row.left.price ?? 0) * (row.left.quantity ?? 1)
      },
      merge: { sales, other in
        sales.purchases += other.purchases
        sales.revenue += other.revenue
      },
      finish: { $0 })
    return
      purchases
      .join(Dataset<Member>(parquet: segments), on: \.user_id, equals: \.user_id)
      .aggregate(by: \.right.segment, sales)
      .sorted(by: \.value.revenue, descending: true)
      .collect { rows in
        rows.map { "segment \($0.key): \($0.value.purchases) purchases, revenue \($0.value.revenue)" }
          .joined(separator: "\n")
      }
  }
}

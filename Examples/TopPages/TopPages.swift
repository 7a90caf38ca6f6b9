import Swiftlet

/// TopPages submit --input data/raw --output data/top-pages [--pages 3]
@main struct TopPages: Job {
  static let help = "Finds the most viewed pages of each country."

  @Option("Folder of click events (JSON Lines).") var input: DataPath
  @Option("Folder for the table (Parquet), by country and rank.") var output: DataPath
  @Option("Pages for each country.") var pages = 3

  struct Event: Record {
    let event_type: String
    let country: String?
    let page_url: String?
  }

  struct Page: Record {
    let country: String
    let url: String
  }

  struct Row: Record {
    let country: String
    let rank: Int
    let page_url: String
    let views: Int
  }

  func pipeline() -> Pipeline {
    Dataset<Event>(jsonLines: input)
      .filter { $0.event_type == "page_view" }
      .aggregate(by: { Page(country: $0.country ?? "unknown", url: $0.page_url ?? "") }, .count)
      .aggregate(by: \.key.country, .top(pages, by: \.value))
      .flatMap { country in
        country.value.enumerated().map { rank, page in
          Row(country: country.key, rank: rank + 1, page_url: page.key.url, views: page.value)
        }
      }
      .sorted(by: { Page(country: $0.country, url: String($0.rank)) })
      .save(to: output, as: .parquet)
  }
}

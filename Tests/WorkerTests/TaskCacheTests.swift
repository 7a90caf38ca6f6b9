import Engine
import Synchronization
import Testing
import Wire
import Worker

@Suite struct TaskCacheTests {
  private let pool = MemoryPool(limit: 1000)

  private func key(_ name: String, job: String = "a") -> TaskCache.Key {
    TaskCache.Key(job: JobID(job), name: name)
  }

  /// Uses a value as a task does, and says whether it stayed.
  private func use(_ cache: TaskCache, _ key: TaskCache.Key, bytes: Int) throws -> Bool {
    cache.release(try cache.value(key) { (1, bytes) }.lease)
  }

  @Test func keepsWhatFitsAndDoesNotTradeValuesOfOneJob() throws {
    let cache = TaskCache(pool)
    #expect(try use(cache, key("1"), bytes: 600))
    #expect(try !use(cache, key("2"), bytes: 600))
    #expect(cache.contains(key("1")) && !cache.contains(key("2")) && pool.used == 600)
    #expect(try use(cache, key("3"), bytes: 400))
    #expect(pool.used == 1000)
    cache.drop(JobID("a"), prefix: "")
    #expect(pool.used == 0 && !cache.contains(key("1")))
  }

  @Test func otherJobsMakeRoomLongestUnusedFirst() throws {
    let cache = TaskCache(pool)
    for name in ["1", "2", "3"] { #expect(try use(cache, key(name), bytes: 300)) }
    #expect(try use(cache, key("1"), bytes: 300))
    #expect(try use(cache, key("x", job: "b"), bytes: 350))
    #expect(cache.contains(key("1")) && !cache.contains(key("2")) && cache.contains(key("3")))
    #expect(pool.used == 950)
  }

  @Test func valuesInUseStay() throws {
    let cache = TaskCache(pool)
    #expect(try use(cache, key("1"), bytes: 700))
    let lease = try cache.value(key("1")) { (2, 700) }.lease
    cache.makeRoom(1000)
    #expect(cache.contains(key("1")) && pool.used == 700)
    #expect(try !use(cache, key("x", job: "b"), bytes: 400))
    #expect(cache.release(lease))
    cache.makeRoom(400)
    #expect(!cache.contains(key("1")) && pool.used == 0)
  }

  private final class Growing: CachedValue {
    let size = Mutex(0)
    /// What it cannot do without.
    let least: Int
    init(least: Int = .max) { self.least = least }
    var cachedBytes: Int { size.withLock { $0 } }
    func trim() { size.withLock { $0 = min($0, least) } }
  }

  @Test func aValueThatGrowsIsCountedAnew() throws {
    let cache = TaskCache(pool)
    let value = Growing()
    let first = try cache.value(key("1")) { (value, 5) }.lease
    value.size.withLock { $0 = 900 }
    #expect(cache.release(first) && pool.used == 900)
    let second = try cache.value(key("1")) { (value, 5) }.lease
    value.size.withLock { $0 = 1001 }
    #expect(!cache.release(second) && pool.used == 0 && !cache.contains(key("1")))
  }

  @Test func aValueIsTrimmedBeforeItIsDroppedAndAfterOthersMadeRoom() throws {
    let cache = TaskCache(pool)
    #expect(try use(cache, key("x", job: "b"), bytes: 300))
    let value = Growing(least: 600)
    let first = try cache.value(key("1")) { (value, 5) }.lease
    value.size.withLock { $0 = 900 }
    #expect(cache.release(first) && pool.used == 900 && !cache.contains(key("x", job: "b")))
    let second = try cache.value(key("1")) { (value, 5) }.lease
    value.size.withLock { $0 = 1200 }
    #expect(cache.release(second) && pool.used == 600 && value.cachedBytes == 600)
    // Of the same job, so it makes no room.
    let other = Growing(least: 401)
    let third = try cache.value(key("2")) { (other, 5) }.lease
    other.size.withLock { $0 = 500 }
    #expect(!cache.release(third) && pool.used == 600)
  }

  @Test func whatWasEvictedIsMadeAgain() throws {
    let cache = TaskCache(pool)
    var made = 0
    for _ in 0..<3 {
      let (value, lease) = try cache.value(key("1")) {
        made += 1
        return (made, 800)
      }
      #expect(value == made)
      cache.release(lease)
      cache.makeRoom(1000)
    }
    #expect(made == 3)
  }

  /// A value that was dropped while in use is another one than the next under its key.
  @Test func theEndOfADroppedValueDoesNotTouchTheNext() throws {
    let cache = TaskCache(pool)
    let old = try cache.value(key("1")) { (1, 300) }.lease
    cache.drop(JobID("a"), prefix: "")
    let (value, new) = try cache.value(key("1")) { (2, 300) }
    #expect(value == 2 && !cache.release(old))
    cache.makeRoom(1000)
    #expect(cache.contains(key("1")))
    #expect(cache.release(new) && pool.used == 300)
  }
}

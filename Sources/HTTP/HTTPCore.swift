import Basics
import CMicroHTTPD
import Glibc

/// The callbacks of libmicrohttpd, on each connection's own thread.
final class HTTPCore: Sendable {
  let limits: HTTPLimits
  let connections = ConnectionTable()
  private let handler: @Sendable (HTTPRequest) -> HTTPResponse

  init(limits: HTTPLimits, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
    self.limits = limits
    self.handler = handler
  }

  private static func core(_ context: UnsafeMutableRawPointer?) -> HTTPCore? {
    context.map { Unmanaged<HTTPCore>.fromOpaque($0).takeUnretainedValue() }
  }

  static let notify: MHD_NotifyConnectionCallback = { context, connection, _, what in
    guard let core = core(context), let connection else { return }
    let socket = swiftlet_mhd_socket(connection)
    if swiftlet_mhd_is_start(what) != 0 {
      core.connections.set(socket, core.limits.requestTime)
    } else {
      core.connections.remove(socket)
    }
  }

  static let completed: MHD_RequestCompletedCallback = { context, connection, request, _ in
    guard let core = core(context), let connection else { return }
    if let pointer = request?.pointee {
      Unmanaged<PendingBody>.fromOpaque(pointer).release()
      request?.pointee = nil
    }
    core.connections.set(swiftlet_mhd_socket(connection), core.limits.requestTime)
  }

  /// Called at least twice per request: with its headers, for each part of its body, and at its end.
  static let handle: MHD_AccessHandlerCallback = {
    context, connection, url, method, _, data, count, request in
    guard let core = core(context), let connection, let url, let method, let count, let request else {
      return swiftlet_mhd_no
    }
    guard let pointer = request.pointee else {
      let length = header(connection, "Content-Length").flatMap { Int($0) } ?? 0
      request.pointee = Unmanaged.passRetained(PendingBody()).toOpaque()
      // A client may not read an early answer while it sends its body, so this is only for bodies far too large.
      guard length <= PendingBody.tolerated * core.limits.bodyBytes else {
        return core.answer(connection, core.tooLarge)
      }
      return swiftlet_mhd_yes
    }
    let pending = Unmanaged<PendingBody>.fromOpaque(pointer).takeUnretainedValue()
    if count.pointee > 0 {
      let isWithin = pending.add(
        UnsafeRawBufferPointer(start: data, count: count.pointee), core.limits.bodyBytes)
      count.pointee = 0
      return isWithin ? swiftlet_mhd_yes : swiftlet_mhd_no
    }
    guard !pending.isTooLarge else { return core.answer(connection, core.tooLarge) }
    guard let read = core.read(connection, url, method, pending.bytes) else {
      return core.answer(
        connection,
        HTTPResponse(status: 400, text: "The request's path is malformed.\n"))
    }
    core.connections.set(swiftlet_mhd_socket(connection), nil)
    return core.answer(connection, core.handler(read))
  }

  private var tooLarge: HTTPResponse {
    HTTPResponse(status: 413, text: "The body is larger than \(limits.bodyBytes) bytes.\n")
  }

  private func read(
    _ connection: OpaquePointer, _ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>, _ body: [UInt8]
  ) -> HTTPRequest? {
    guard let path = PercentEncoding.decoded(String(cString: url)), path.hasPrefix("/") else { return nil }
    let query = Pairs()
    MHD_get_connection_values(
      connection, swiftlet_mhd_arguments, Pairs.add, Unmanaged.passUnretained(query).toOpaque())
    var decoded: [String: String] = [:]
    for (name, value) in query.pairs {
      guard let name = PercentEncoding.decoded(name, plusIsSpace: true),
        let value = PercentEncoding.decoded(value, plusIsSpace: true)
      else { return nil }
      decoded[name] = value
    }
    let headers = Pairs()
    MHD_get_connection_values(
      connection, swiftlet_mhd_headers, Pairs.add, Unmanaged.passUnretained(headers).toOpaque())
    return HTTPRequest(
      method: String(cString: method), path: path, query: decoded,
      headers: Dictionary(headers.pairs.map { ($0.lowercased(), $1) }) { _, last in last }, body: body)
  }

  private static func header(_ connection: OpaquePointer, _ name: String) -> String? {
    MHD_lookup_connection_value(connection, swiftlet_mhd_headers, name).map { String(cString: $0) }
  }

  private func answer(_ connection: OpaquePointer, _ response: HTTPResponse) -> MHD_Result {
    let made: OpaquePointer?
    switch response.body {
    case .bytes(let bytes):
      made = bytes.withUnsafeBytes { swiftlet_mhd_response($0.baseAddress, $0.count) }
      connections.set(swiftlet_mhd_socket(connection), limits.responseTime)
    case .stream(let stream):
      let reader = Unmanaged.passRetained(StreamReader(stream)).toOpaque()
      made = MHD_create_response_from_callback(
        UInt64.max, 16 << 10, StreamReader.read, reader, StreamReader.free)
      if made == nil { StreamReader.free(reader) }
    }
    guard let made else { return swiftlet_mhd_no }
    defer { MHD_destroy_response(made) }
    for (name, value) in response.headers { MHD_add_response_header(made, name, value) }
    return MHD_queue_response(connection, UInt32(clamping: response.status), made)
  }
}

/// A body being read. Used by the connection's thread.
private final class PendingBody {
  /// How many times the limit is read and discarded.
  static let tolerated = 4

  private(set) var bytes: [UInt8] = []
  private(set) var isTooLarge = false
  private var seen = 0

  /// Bytes above the limit are discarded, so that the client can read the error; far too many end the connection.
  func add(_ part: UnsafeRawBufferPointer, _ limit: Int) -> Bool {
    seen += part.count
    if seen > limit {
      isTooLarge = true
      bytes = []
    } else {
      bytes.append(contentsOf: part)
    }
    return seen <= PendingBody.tolerated * limit
  }
}

/// Headers or arguments, as libmicrohttpd passes them.
private final class Pairs {
  private(set) var pairs: [(String, String)] = []

  static let add: MHD_KeyValueIterator = { context, _, name, value in
    guard let context, let name else { return swiftlet_mhd_no }
    let pairs = Unmanaged<Pairs>.fromOpaque(context).takeUnretainedValue()
    pairs.pairs.append((String(cString: name), value.map { String(cString: $0) } ?? ""))
    return swiftlet_mhd_yes
  }
}

/// Passes a stream's pieces on in portions that fit. Used by the connection's thread.
private final class StreamReader {
  // MHD_CONTENT_READER_END_OF_STREAM and _WITH_ERROR, macros with casts.
  private static let end = -1
  private static let brokenEnd = -2

  private let stream: any HTTPStream
  private var rest: ArraySlice<UInt8> = []

  init(_ stream: any HTTPStream) { self.stream = stream }

  static let read: MHD_ContentReaderCallback = { context, _, buffer, room in
    guard let context, let buffer else { return StreamReader.brokenEnd }
    let reader = Unmanaged<StreamReader>.fromOpaque(context).takeUnretainedValue()
    if reader.rest.isEmpty {
      guard let piece = reader.stream.next() else { return StreamReader.end }
      reader.rest = piece[...]
    }
    let count = min(room, reader.rest.count)
    reader.rest.withUnsafeBytes {
      UnsafeMutableRawPointer(buffer).copyMemory(
        from: $0.baseAddress ?? UnsafeRawPointer(buffer), byteCount: count)
    }
    reader.rest = reader.rest.dropFirst(count)
    return count
  }

  static let free: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
    if let context { Unmanaged<StreamReader>.fromOpaque(context).release() }
  }
}

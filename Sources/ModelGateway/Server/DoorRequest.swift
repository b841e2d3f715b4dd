internal import NIOCore
internal import NIOHTTP1

/// One complete request as it came through a door.
struct DoorRequest: Sendable {
    var method: HTTPMethod
    /// Without the query.
    var path: String
    /// What stood behind `?`; `nil` where there was none.
    var query: String?
    var headers: HTTPHeaders
    var body: ByteBuffer

    init(head: HTTPRequestHead, body: ByteBuffer) {
        method = head.method
        headers = head.headers
        self.body = body
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        query = parts.count > 1 ? String(parts[1]) : nil
    }
}

import Synchronization

/// How far a call has come. `value` grows from one report to the next.
package struct Progress: Hashable, Sendable {
    package var value: Double
    package var total: Double?
    package var message: String?

    package init(value: Double, total: Double? = nil, message: String? = nil) {
        self.value = value
        self.total = total
        self.message = message
    }

    init?(json: JSONObject) {
        guard let value = json["progress"]?.doubleValue, value.isFinite else { return nil }
        self.init(value: value, total: json["total"]?.doubleValue, message: json["message"]?.stringValue)
    }

    private static func number(_ value: Double) -> JSONValue {
        Int64(exactly: value).map(JSONValue.int) ?? .double(value)
    }

    func json(token: JSONValue) -> JSONObject {
        var json: JSONObject = ["progressToken": token, "progress": Self.number(value)]
        json["total"] = total.map(Self.number)
        json["message"] = message.map(JSONValue.string)
        return json
    }
}

/// The progress of one request on its way to the peer. Holds the newest unsent report only: a tool that reports faster
/// than the peer reads costs nothing. Reports that do not grow, and those after the response, are dropped.
final class ProgressReporter: Sendable {
    private struct State {
        var last = -Double.infinity
        var unsent: Progress?
    }

    private let state = Mutex(State())
    private let token: JSONValue
    private let wake: @Sendable () -> Void

    init(token: JSONValue, wake: @escaping @Sendable () -> Void) {
        self.token = token
        self.wake = wake
    }

    func report(_ progress: Progress) {
        let isFirstUnsent = state.withLock { state in
            guard progress.value.isFinite, progress.value > state.last else { return false }
            state.last = progress.value
            defer { state.unsent = progress }
            return state.unsent == nil
        }
        if isFirstUnsent { wake() }
    }

    /// The notification to send now, if there is news.
    func take() -> [UInt8]? {
        let progress = state.withLock { state in
            defer { state.unsent = nil }
            return state.unsent
        }
        return progress.map { RPCMessage.notification("notifications/progress", $0.json(token: token)) }
    }
}

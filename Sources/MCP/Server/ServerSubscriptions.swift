/// The `subscriptions/listen` requests of a client of the stateless era that are open. They are not answered while they
/// last: what they asked for comes as notifications that carry their id.
struct ServerSubscriptions {
    private var wantsTools: [RequestID: Bool] = [:]

    /// One is enough for every client known; more would multiply each notification.
    private static let maximum = 16

    func contains(_ id: RequestID) -> Bool {
        !wantsTools.isEmpty && wantsTools[id] != nil
    }

    /// The acknowledgement, which says what of the wish is honoured: changes of the tools, as there is nothing else here.
    mutating func open(_ id: RequestID, _ params: JSONObject) throws(MCPError) -> [UInt8] {
        guard case .object(let wishes) = params["notifications"] else {
            throw .invalidParams("subscriptions/listen needs an object notifications")
        }
        let wish = wishes["toolsListChanged"] ?? false
        guard let wantsToolChanges = wish.boolValue else {
            throw .invalidParams("toolsListChanged has to be true or false")
        }
        guard wantsTools.count < Self.maximum else {
            throw .invalidRequest("more than \(Self.maximum) subscriptions on one connection")
        }
        wantsTools[id] = wantsToolChanges
        let honoured: JSONObject = wantsToolChanges ? ["toolsListChanged": true] : [:]
        return RPCMessage.notification(
            "notifications/subscriptions/acknowledged",
            ["_meta": Self.meta(id), "notifications": .object(honoured)])
    }

    mutating func cancel(_ id: RequestID) {
        wantsTools[id] = nil
    }

    func toolsChanged() -> [[UInt8]] {
        wantsTools.filter(\.value).keys.map { id in
            RPCMessage.notification("notifications/tools/list_changed", ["_meta": Self.meta(id)])
        }
    }

    private static func meta(_ id: RequestID) -> JSONValue {
        .object([MetaKey.subscriptionID: id.json])
    }
}

internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// Addresses of the network: granted, listed and taken back. What was reached is the audit's to tell.
struct EgressRoutes: Sendable {
    let egress: any EgressOperations
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("egress", use: list)
        api.post("egress/allow", use: allow)
        api.post("egress/deny", use: deny)
    }

    @Sendable func list(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "see what is granted of the network")
        return .json(.object(try await egress.egress(for: caller.person.id)))
    }

    @Sendable func allow(_ request: Request, context: ConsoleContext) async throws -> Response {
        let (caller, body) = try await read(request, context, to: "grant addresses of the network")
        let wish = EgressWish(
            domain: try body.text("domain"), ports: try Self.numbers(body, "ports"),
            methods: try Self.texts(body, "methods"), paths: try Self.texts(body, "paths"),
            withoutSNI: try Self.flag(body, "without_sni"), target: try Self.target(body),
            expires: try Self.time(body, "expires"), reason: try Self.reason(body))
        return .json(.object(try await egress.allowEgress(wish, by: caller.person.id)), status: .created)
    }

    @Sendable func deny(_ request: Request, context: ConsoleContext) async throws -> Response {
        let (caller, body) = try await read(request, context, to: "take addresses of the network back")
        return .json(
            .object(
                try await egress.denyEgress(
                    try body.text("what"), reason: try Self.reason(body), by: caller.person.id)))
    }

    private func read(
        _ request: Request, _ context: ConsoleContext, to act: String
    ) async throws -> (Caller, JSONObject) {
        let caller = try context.caller
        try caller.requireAdmin(to: act)
        try caller.requireOwnName(to: act)
        return (caller, try await request.json(upTo: limits.messageBytes))
    }

    private static func target(_ body: JSONObject) throws(ConsoleError) -> EgressWish.Target {
        let name = body["name"]?.stringValue ?? ""
        switch (try body.text("scope"), name.isEmpty) {
        case ("company", true): return .company
        case ("channel", false): return .channel(name)
        case ("person", false): return .person(name)
        default: throw ConsoleError(.badRequest, "scope is company, or channel or person with a name.")
        }
    }

    private static func reason(_ body: JSONObject) throws(ConsoleError) -> String {
        let reason = body["reason"]?.stringValue ?? ""
        guard reason.utf8.count <= 1000 else {
            throw ConsoleError(.badRequest, "reason may have 1000 bytes at most.")
        }
        return reason
    }

    // What is there and cannot be read must not be passed over: it would widen what is granted.

    private static func numbers(_ body: JSONObject, _ key: String) throws(ConsoleError) -> [Int64] {
        try list(body, key, of: "whole numbers") { $0.intValue }
    }

    private static func texts(_ body: JSONObject, _ key: String) throws(ConsoleError) -> [String] {
        try list(body, key, of: "texts") { $0.stringValue }
    }

    private static func list<Value>(
        _ body: JSONObject, _ key: String, of kind: String, _ read: (JSONValue) -> Value?
    ) throws(ConsoleError) -> [Value] {
        guard let value = body[key], value != .null else { return [] }
        let found = value.arrayValue?.compactMap(read)
        guard let found, found.count == value.arrayValue?.count, !found.isEmpty else {
            throw ConsoleError(.badRequest, "\(key) is a list of \(kind); leave it out for all.")
        }
        return found
    }

    private static func flag(_ body: JSONObject, _ key: String) throws(ConsoleError) -> Bool {
        guard let value = body[key] else { return false }
        guard let flag = value.boolValue else { throw ConsoleError(.badRequest, "\(key) is true or false.") }
        return flag
    }

    private static func time(_ body: JSONObject, _ key: String) throws(ConsoleError) -> Timestamp? {
        guard let value = body[key], value != .null else { return nil }
        guard let milliseconds = value.intValue else {
            throw ConsoleError(.badRequest, "\(key) is a time in milliseconds since 1970.")
        }
        return Timestamp(milliseconds: milliseconds)
    }
}

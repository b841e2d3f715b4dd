internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// What models cost.
struct CostRoutes: Sendable {
    let costs: any CostOperations

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("cost", use: cost)
        api.get("routes", use: routes)
    }

    @Sendable func routes(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "see which tiers turns are given")
        var candidate: [Double]?
        if let text = request.uri.queryParameters["thresholds"] {
            candidate = text.split(separator: ",").map { Double($0) ?? -1 }
        }
        return .json(
            .object(
                try await costs.routes(since: try Self.since(request), candidate: candidate, for: caller.person)))
    }

    private static func since(_ request: Request) throws(ConsoleError) -> Timestamp? {
        guard let text = request.uri.queryParameters["since"] else { return nil }
        guard let time = Int64(text), time >= 0 else {
            throw ConsoleError(.badRequest, "since is a time in milliseconds since 1970.")
        }
        return Timestamp(milliseconds: time)
    }

    @Sendable func cost(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        let by = request.uri.queryParameters["by"].map(String.init) ?? "person"
        let list = try await costs.costs(by: by, since: try Self.since(request), for: caller.person)
        return .json(.object(list))
    }
}

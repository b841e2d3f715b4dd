internal import Hummingbird
internal import MCP

/// One of the console's doors, and all that answers behind it.
package struct ConsoleDoor: Sendable {
    package enum Kind: String, Sendable {
        case browser, socket
    }

    package let kind: Kind
    /// `GET /api/me`, in order, and whether it answers people it does not know.
    package let routes: [(name: String, isOpen: Bool)]

    init(
        _ kind: Kind, all: [Router<ConsoleContext>.RouteDescription], open: [Router<ConsoleContext>.RouteDescription]
    ) {
        self.kind = kind
        let open = Set(open.map(\.description))
        routes = Set(all.map(\.description)).sorted().map { ($0, open.contains($0)) }
    }
}

/// What there is to attack.
struct SurfaceRoutes: Sendable {
    let surface: @Sendable () async throws -> JSONObject

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("surface") { _, context -> Response in
            try context.caller.requireAdmin(to: "see the attack surface")
            return .json(.object(try await surface()))
        }
    }
}

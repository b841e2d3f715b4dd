internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model
internal import NIOCore

/// Signing in and out with a browser.
///
/// Opening the link only shows a page; the button on it signs in. A GET stays without effect, so neither link previews
/// nor mail scanners nor prefetching use the link up; and the page names the person, so that somebody who was sent a
/// stranger's link sees as whom they would be speaking. That is worth one click in a week.
struct LoginRoutes: Sendable {
    let login: Login
    let addresses: OpenAddresses

    func add(to router: Router<ConsoleContext>) {
        router.get("login", use: show)
        router.post("login", use: signIn)
    }

    /// Needs an identified caller.
    func addSignOut(to api: RouterGroup<ConsoleContext>) {
        api.post("logout", use: signOut)
    }

    @Sendable func show(_ request: Request, context: ConsoleContext) async throws -> Response {
        guard let token = request.query("token") else { return .page(Pages.signedOut) }
        guard let secret = Secret(token), let identity = try await login.peek(secret) else {
            return .page(Pages.linkUsedUp, status: .notFound)
        }
        return .page(Pages.signIn(as: identity.person.name, by: identity.issuer?.name, token: secret))
    }

    @Sendable func signIn(_ request: Request, context: ConsoleContext) async throws -> Response {
        let body = try await request.bytes(upTo: 1024, tooLarge: "This is not a sign-in form.")
        let form = String(decoding: body, as: UTF8.self)
        let token = form.hasPrefix("token=") ? Secret(String(form.dropFirst("token=".count))) : nil
        guard let signedIn = try await login.exchange(token) else { return .page(Pages.linkUsedUp, status: .notFound) }
        let cookie = try addresses.current.cookie(for: request)
        return Response(
            status: .seeOther, headers: [.location: "/", .setCookie: cookie.header(signedIn.cookie)])
    }

    @Sendable func signOut(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        if let session = caller.session { try await login.signOut(session, caller) }
        var response = Response.json(.object([:]))
        response.headers[.setCookie] = try addresses.current.cookie(for: request).removal
        return response
    }
}

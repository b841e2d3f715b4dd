internal import Hummingbird
internal import Model

/// Identifies a browser by its session cookie, and holds every change to the cross-site token on top of the checks of
/// `Addresses`.
struct BrowserDoor: RouterMiddleware {
    let login: Login
    let addresses: OpenAddresses

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        let cookie = try addresses.current.cookie(for: request)
        guard let secret = cookie.read(from: request), let identity = try await login.identity(of: secret.digest)
        else { throw ConsoleError.signedOut }
        if request.method != .get && request.method != .head {
            guard let given = request.headers[.crossSiteToken], constantTimeEqual(given, secret.crossSiteToken)
            else {
                throw ConsoleError(
                    .forbidden, "The request lacks this session's X-Bulkhead-CSRF header. Reload the page.")
            }
        }
        var context = context
        context.identify(
            as: Caller(
                person: identity.person, onBehalfBy: identity.issuer, surface: "web",
                crossSiteToken: secret.crossSiteToken, session: secret.digest,
                isStillAdmitted: { [login, digest = secret.digest] in
                    try await login.identity(of: digest, isUse: false) != nil
                }))
        return try await next(request, context)
    }
}

/// The cookie that holds a session. Cookies ignore ports: the port in the name keeps two consoles on one machine apart.
struct SessionCookie: Sendable {
    let name: String
    let isSecure: Bool

    /// As `ConsoleLimits.longestSession`.
    static let lifetimeSeconds = 30 * 24 * 3600

    init(port: Int, isSecure: Bool) {
        name = isSecure ? "__Host-bulkhead" : "bulkhead-\(port)"
        self.isSecure = isSecure
    }

    /// `nil` where there are two of the name as well: a server on another port of this machine can plant one beside the
    /// browser's own, and which of them comes first is the planter's choice.
    func read(from request: Request) -> Secret? {
        let ours = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }.filter { pair in
            pair.prefix { $0 != "=" }.filter { !$0.isWhitespace } == name
        }
        guard ours.count == 1 else { return nil }
        return request.cookies[name].flatMap { Secret($0.value) }
    }

    func header(_ secret: Secret) -> String { header(value: secret.text, maximumAge: Self.lifetimeSeconds) }

    var removal: String { header(value: "", maximumAge: 0) }

    private func header(value: String, maximumAge: Int) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(maximumAge); HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }
}

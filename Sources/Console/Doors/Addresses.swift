internal import Hummingbird
internal import Synchronization

/// The names under which browsers may reach this console, and the checks that rest on them.
///
/// A page of another site can make a browser send requests here in two ways: by naming us (then `Origin` and
/// `Sec-Fetch-Site` tell), or by giving its own name our address (DNS rebinding; then `Host` tells).
struct Addresses: Sendable {
    /// `host:port`, lower case.
    private let authorities: Set<String>
    private let origins: Set<String>
    private let port: Int

    init(port: Int, publicOrigins: [String]) {
        self.port = port
        let loopback = ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"]
        var authorities = Set(loopback)
        var origins = Set(loopback.map { "http://" + $0 })
        for origin in publicOrigins {
            let origin = String(origin.lowercased().drop(while: { $0 == " " }))
            guard let separator = origin.firstRange(of: "://") else { continue }
            let authority = origin[separator.upperBound...].prefix { $0 != "/" }
            authorities.insert(String(authority))
            origins.insert(String(origin[..<separator.upperBound]) + authority)
        }
        self.authorities = authorities
        self.origins = origins
    }

    /// Whether the browser came over TLS, which a reverse proxy took off.
    func isSecure(_ request: Request) -> Bool {
        guard let authority = request.head.authority?.lowercased() else { return false }
        return origins.contains("https://" + authority)
    }

    /// What to put into links: the first public address, else loopback.
    func origin(preferring configuration: ConsoleConfiguration) -> String {
        if let origin = configuration.publicOrigins.first { return String(origin.prefixWithoutSlash) }
        let host = configuration.host == "0.0.0.0" ? "127.0.0.1" : configuration.host
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    func cookie(for request: Request) -> SessionCookie {
        SessionCookie(port: port, isSecure: isSecure(request))
    }

    func admit(_ request: Request) throws(ConsoleError) {
        guard let authority = request.head.authority?.lowercased(), authorities.contains(authority) else {
            throw ConsoleError(
                .forbidden,
                "This console does not answer to that host name. Open it by the address that bulkhead login-link shows."
            )
        }
        let changes = request.method != .get && request.method != .head
        let site = request.headers[.fetchSite]
        // A page on another port of this machine is "same-site": cookies would be sent, so that is not enough.
        if let site, site != "same-origin", site != "none", changes || request.uri.path.hasPrefix("/api/") {
            throw .foreign
        }
        guard changes, let origin = request.headers[.origin] else { return }
        // A form under `Referrer-Policy: no-referrer` sends "null"; the browser's own word tells ours from another's.
        let isOurForm = origin == "null" && site == "same-origin"
        guard isOurForm || origins.contains(origin.lowercased()) else { throw .foreign }
    }
}

extension String {
    fileprivate var prefixWithoutSlash: Substring { hasSuffix("/") ? dropLast() : self[...] }
}

extension ConsoleError {
    static let foreign = ConsoleError(.forbidden, "This request comes from another site and was refused.")
}

/// The addresses, known once the port is open.
final class OpenAddresses: Sendable {
    private let addresses: Mutex<Addresses?> = Mutex(nil)

    var current: Addresses {
        get throws(ConsoleError) {
            guard let known = addresses.withLock({ $0 }) else {
                throw ConsoleError(.unavailable, "The console is still starting. Try again in a moment.")
            }
            return known
        }
    }

    func open(_ new: Addresses) { addresses.withLock { $0 = new } }
}

internal import Dispatch
internal import Glibc
package import Model
package import NetworkRules

/// The system's own resolver. It blocks, so it has threads apart from those that run tasks, and as it cannot be
/// interrupted only so many at once: a name server that never answers must not take a thread for each who asks.
package final class SystemResolver: Resolver {
    /// Blocks until it knows.
    typealias LookUp = @Sendable (HostName) -> Result<[IPAddress], any Error>

    private let queue = DispatchQueue(label: "egress.resolver", attributes: .concurrent)
    private let places: ResolverPlaces
    private let lookUp: LookUp

    /// At most so many names at once, and so many of one session; who asks for more waits for a place.
    package convenience init(maximumAtOnce: Int = 16, ofOneSession: Int = 4) {
        self.init(maximumAtOnce: maximumAtOnce, ofOneSession: ofOneSession, lookUp: Self.resolve)
    }

    init(maximumAtOnce: Int, ofOneSession: Int, lookUp: @escaping LookUp) {
        places = ResolverPlaces(maximum: maximumAtOnce, ofOneSession: ofOneSession)
        self.lookUp = lookUp
    }

    package func addresses(of host: HostName, for session: SessionID) async throws -> [IPAddress] {
        try await places.enter(session)
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { [places, lookUp] in
                let result = lookUp(host)
                // Only now, however long ago its caller gave up: the thread was taken until here.
                places.leave(session)
                continuation.resume(with: result)
            }
        }
    }

    private static func resolve(_ host: HostName) -> Result<[IPAddress], any Error> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // With its dot: a search domain would make another name of it.
        let failure = getaddrinfo("\(host).", nil, &hints, &list)
        guard failure == 0 else {
            return .failure(EgressError(.resolve, "\(host) has no address: \(String(cString: gai_strerror(failure)))."))
        }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var entry = list
        while let current = entry {
            // One that cannot be read could not be checked either.
            guard let address = IPAddress(socketAddress: current.pointee.ai_addr) else {
                return .failure(EgressError(.resolve, "\(host) has an address of an unknown kind."))
            }
            if !addresses.contains(address) { addresses.append(address) }
            entry = current.pointee.ai_next
        }
        return .success(addresses)
    }
}

extension IPAddress {
    /// `nil` for what is neither IPv4 nor IPv6.
    init?(socketAddress: UnsafeMutablePointer<sockaddr>?) {
        guard let socketAddress else { return nil }
        switch CInt(socketAddress.pointee.sa_family) {
        case AF_INET:
            self.init(
                bytes: socketAddress.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                    withUnsafeBytes(of: address.pointee.sin_addr) { Array($0) }
                })
        case AF_INET6:
            self.init(
                bytes: socketAddress.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                    withUnsafeBytes(of: address.pointee.sin6_addr) { Array($0) }
                })
        default: return nil
        }
    }
}

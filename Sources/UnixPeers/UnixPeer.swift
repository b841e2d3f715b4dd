internal import Glibc
package import NIOCore

/// Who is at the other end of a Unix socket: the kernel's `struct ucred` (unix(7)), which Glibc's module map does not show.
/// Fixed when the peer connected, and not the peer's to choose.
package struct UnixPeer: Hashable, Sendable {
    // The kernel's own layout.
    package private(set) var process: Int32 = 0
    package private(set) var user: UInt32 = 0
    package private(set) var group: UInt32 = 0

    /// `nil` for what is no socket; fails where the kernel does not say.
    package static func of(_ channel: any Channel) -> EventLoopFuture<UnixPeer?> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let peer: EventLoopFuture<UnixPeer> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return peer.map { $0 }
    }
}

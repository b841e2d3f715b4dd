import Dispatch
import Glibc

/// A TCP port on loopback whose connections lead to a Unix socket, as in a sandbox: for clients that know proxies by host
/// and port only.
final class Forwarder: Sendable {
    let port: UInt16
    private let host: LoopbackHost
    private let pump: Task<Void, Never>

    init(to path: String) throws {
        let host = try LoopbackHost()
        self.host = host
        port = host.port
        pump = Task {
            while let client = try? await host.next() {
                guard let door = try? Peer(unix: path) else { continue }
                Self.copy(client, door)
                Self.copy(door, client)
            }
        }
    }

    deinit { pump.cancel() }

    private static func copy(_ from: Peer, _ to: Peer) {
        DispatchQueue(label: "forwarder").async {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            copying: while true {
                let count = recv(from.descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                var sent = 0
                while sent < count {
                    let step = buffer[sent..<count].withUnsafeBytes {
                        send(to.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                    }
                    guard step > 0 else { break copying }
                    sent += step
                }
            }
            to.finish()
        }
    }
}

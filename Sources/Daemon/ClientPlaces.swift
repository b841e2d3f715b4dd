internal import Synchronization

/// How many clients are inside, and whose. No user can take all the places: the others' stay free.
final class ClientPlaces: Sendable {
    static let all = 32
    static let perUser = 8

    private let inside = Mutex<[UInt32: Int]>([:])

    /// `nil`: come in, and `leave` afterwards. Else why not, for the client.
    func enter(_ user: UInt32) -> String? {
        inside.withLock { inside in
            guard inside[user, default: 0] < Self.perUser else {
                return
                    "You have \(Self.perUser) MCP clients connected, which is the most one user may have. End one first."
            }
            guard inside.values.reduce(0, +) < Self.all else {
                return "\(Self.all) MCP clients are connected, which is all there is room for. Please try again later."
            }
            inside[user, default: 0] += 1
            return nil
        }
    }

    func leave(_ user: UInt32) {
        inside.withLock { inside in
            guard let count = inside[user] else { return }
            inside[user] = count > 1 ? count - 1 : nil
        }
    }
}

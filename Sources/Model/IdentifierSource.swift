/// Makes identifiers that sort by the time they were made: 10 characters of milliseconds, 16 of randomness, in
/// lower-case Crockford base 32 (the layout of a ULID). Injected, so that tests get the same ones every time.
package struct IdentifierSource: Sendable {
    private let next: @Sendable () -> String

    package init(next: @escaping @Sendable () -> String) {
        self.next = next
    }

    /// `clock` gives now; randomness comes from the system.
    package init(clock: WallClock = .system) {
        self.init {
            var generator = SystemRandomNumberGenerator()
            let time = UInt64(max(0, clock.now().milliseconds))
            return Self.text(time: time, high: generator.next(), low: generator.next())
        }
    }

    package func make<Kind>(_ kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        Identifier(trusted: next())
    }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    private static func text(time: UInt64, high: UInt64, low: UInt64) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(26)
        for position in (0..<10).reversed() { bytes.append(alphabet[Int((time >> UInt64(5 * position)) & 31)]) }
        for position in 0..<8 { bytes.append(alphabet[Int((high >> UInt64(5 * position)) & 31)]) }
        for position in 0..<8 { bytes.append(alphabet[Int((low >> UInt64(5 * position)) & 31)]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

internal import NetworkRules

/// What the first bytes of a tunnel say about whom they are for.
enum ClientHello: Hashable {
    /// TLS for a host by name.
    case named(HostName)
    /// TLS that names no host.
    case unnamed
    /// TLS whose host is encrypted (ECH), whatever it names in the open.
    case hidden
    /// Something else.
    case notTLS
    /// Starts like TLS and is not, or names its host so that readers could differ.
    case malformed(String)

    /// Beyond this no client's is.
    static let maximumBytes = 32 << 10
    /// A hello may be spread over records; none needs so many.
    private static let maximumRecords = 64

    /// `nil` until it is known. Looks at whole records only, however they arrive.
    init?(_ bytes: some RandomAccessCollection<UInt8>) {
        guard let first = bytes.first else { return nil }
        guard first == 0x16 else {
            self = .notTLS
            return
        }
        guard let message = Self.message(bytes) else { return nil }
        switch message {
        case .success(let message): self = Self.read(message)
        case .failure(let problem): self = .malformed(problem.text)
        }
    }

    private struct Problem: Error {
        var text: String
    }

    /// The handshake message, put together from its records.
    private static func message(_ bytes: some RandomAccessCollection<UInt8>) -> Result<ArraySlice<UInt8>, Problem>? {
        let available = Array(bytes.prefix(maximumBytes + 1))
        var message: [UInt8] = []
        var offset = 0
        for _ in 0..<maximumRecords {
            if available.count > offset, available[offset] != 0x16 { return .failure(Problem(text: "another record")) }
            if available.count > offset + 1, available[offset + 1] != 3 {
                return .failure(Problem(text: "its version"))
            }
            guard available.count >= offset + 5 else { return tooLong(available) }
            let length = Int(available[offset + 3]) << 8 | Int(available[offset + 4])
            guard (1...16384).contains(length) else { return .failure(Problem(text: "the length of a record")) }
            guard available.count >= offset + 5 + length else { return tooLong(available) }
            message += available[offset + 5..<offset + 5 + length]
            offset += 5 + length
            guard message[0] == 1 else { return .failure(Problem(text: "no client hello")) }
            guard message.count >= 4 else { continue }
            let whole = 4 + (Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3]))
            guard whole <= maximumBytes else { return .failure(Problem(text: "too long")) }
            if message.count >= whole {
                // Something behind it in its record would be a second message, in which nobody looked.
                return message.count == whole ? .success(message[4...]) : .failure(Problem(text: "what follows it"))
            }
        }
        return .failure(Problem(text: "too many records"))
    }

    private static func tooLong(_ available: [UInt8]) -> Result<ArraySlice<UInt8>, Problem>? {
        available.count > maximumBytes ? .failure(Problem(text: "too long")) : nil
    }

    /// RFC 8446, 4.1.2.
    private static func read(_ message: ArraySlice<UInt8>) -> ClientHello {
        var reader = ByteReader(message)
        guard reader.bytes(34) != nil, let session = reader.vector(1), session.count <= 32,
            let ciphers = reader.vector(2), ciphers.count >= 2, let compressions = reader.vector(1),
            !compressions.isEmpty
        else { return .malformed("it is cut short") }
        if reader.isAtEnd { return .unnamed }
        guard let extensions = reader.vector(2), reader.isAtEnd else { return .malformed("its extensions") }
        var seen: Set<Int> = []
        var host: HostName?
        var isHidden = false
        var rest = ByteReader(extensions)
        while !rest.isAtEnd {
            guard let kind = rest.number(2), let content = rest.vector(2) else { return .malformed("an extension") }
            guard seen.insert(kind).inserted else { return .malformed("an extension that is there twice") }
            switch kind {
            case 0x0000:
                guard let name = hostName(content) else { return .malformed("the name of its host") }
                host = name
            // encrypted_client_hello, and encrypted_server_name and its other drafts.
            case 0xFE0D, 0xFFCE, 0xFE08...0xFE0C: isHidden = true
            default: break
            }
        }
        if isHidden { return .hidden }
        return host.map(ClientHello.named) ?? .unnamed
    }

    /// RFC 6066, 3: a list, in practice of one name. Of two, readers could take either.
    private static func hostName(_ content: ArraySlice<UInt8>) -> HostName? {
        var reader = ByteReader(content)
        guard let list = reader.vector(2), reader.isAtEnd else { return nil }
        var names = ByteReader(list)
        guard names.number(1) == 0, let name = names.vector(2), names.isAtEnd,
            name.allSatisfy({ (0x21...0x7E).contains($0) }), name.last != UInt8(ascii: ".")
        else { return nil }
        return HostName(String(decoding: name, as: UTF8.self))
    }
}

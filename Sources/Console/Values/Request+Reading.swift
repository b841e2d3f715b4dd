internal import Hummingbird
internal import MCP
internal import Model

extension Request {
    /// The body, held to `limit` before it is read where its length is announced.
    func bytes(upTo limit: Int, tooLarge: String) async throws -> [UInt8] {
        if let announced = headers[.contentLength].flatMap({ Int($0) }), announced > limit {
            throw ConsoleError(.tooLarge, tooLarge)
        }
        var bytes: [UInt8] = []
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= limit else { throw ConsoleError(.tooLarge, tooLarge) }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    func json(upTo limit: Int) async throws -> JSONObject {
        let bytes = try await bytes(
            upTo: limit,
            tooLarge: "This message is larger than \(Self.inWords(limit)), which is the most this console takes. "
                + "Attach it as a file instead.")
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw ConsoleError(.badRequest, "The request is not valid JSON: \(error)")
        }
        guard let object = value.objectValue else {
            throw ConsoleError(.badRequest, "The request must be a JSON object.")
        }
        return object
    }

    static func inWords(_ bytes: Int) -> String {
        bytes >= 1 << 20 ? "\(bytes >> 20) MB" : bytes >= 1 << 10 ? "\(bytes >> 10) kB" : "\(bytes) bytes"
    }

    /// A query parameter, decoded; empty counts as absent.
    func query(_ name: String) -> String? {
        guard let value = uri.queryParameters[Substring(name)], !value.isEmpty else { return nil }
        return String(value)
    }

    func header(_ name: String) -> String? {
        HTTPFields.Key(name).flatMap { headers[$0] }
    }

    func number(_ name: String) throws(ConsoleError) -> Int64? {
        guard let text = query(name) else { return nil }
        guard let number = Int64(text) else {
            throw ConsoleError(.badRequest, "\(name) must be a whole number.")
        }
        return number
    }
}

extension JSONObject {
    func text(_ key: String) throws(ConsoleError) -> String {
        guard let text = self[key]?.stringValue else {
            throw ConsoleError(.badRequest, "\(key) is missing or is not text.")
        }
        return text
    }

    func identifier<Kind>(_ key: String, of kind: Kind.Type) throws(ConsoleError) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(try text(key)) else {
            throw ConsoleError(.badRequest, "\(key) is not an identifier.")
        }
        return id
    }

    /// `nil` where the key is absent or null.
    func optionalIdentifier<Kind>(_ key: String, of kind: Kind.Type) throws(ConsoleError) -> Identifier<Kind>? {
        guard let value = self[key], value != .null else { return nil }
        return try identifier(key, of: kind)
    }
}

extension ConsoleContext {
    /// The `{id}` of the address. What cannot be an identifier names nothing.
    func identifier<Kind>(of kind: Kind.Type) throws(ConsoleError) -> Identifier<Kind> {
        guard let text = parameters.get("id"), let id = Identifier<Kind>(text) else {
            throw ConsoleError(status: .notFound)
        }
        return id
    }
}

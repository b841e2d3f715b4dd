internal import Conversations
internal import Hummingbird
internal import Model
internal import NIOCore

/// Files people hand in and get back.
struct FileRoutes: Sendable {
    let chat: any ChatService
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.post("uploads", use: upload)
        api.get("files/{id}", use: download)
    }

    @Sendable func upload(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        guard let name = request.query("name").flatMap(FileName.init) else {
            throw ConsoleError(.badRequest, "The upload needs ?name= with a file name of at most 255 bytes.")
        }
        let bytes = try await request.bytes(
            upTo: limits.uploadBytes,
            tooLarge: "\(name.text) is larger than \(Request.inWords(limits.uploadBytes)), which is the most one file "
                + "may have.")
        let stored = try await chat.upload(name: name.text, bytes: bytes, by: caller.person.id)
        return .json(stored.json, status: .created)
    }

    /// Always as an attachment of no particular type: what is in it was written by others and is not ours to show.
    @Sendable func download(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Attachment.self)
        let file = try await chat.file(id, for: context.caller.person.id)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream",
                .contentDisposition: (FileName(file.name) ?? .unnamed).disposition,
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }
}

/// A file's own name: no folders, nothing that a terminal, a shell or a file dialogue could take for something else.
struct FileName: Sendable {
    let text: String

    static let unnamed = FileName(trusted: "file")

    private init(trusted text: String) {
        self.text = text
    }

    /// Takes the last part of a path, as some browsers send one, and replaces what has no business in a name.
    init?(_ raw: String) {
        let last = raw.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        var name = String.UnicodeScalarView()
        for scalar in last.unicodeScalars { name.append(scalar.isHidden ? "_" : scalar) }
        let text = String(name)
        guard text.utf8.count <= 255, !text.isBlank, text != ".", text != ".." else { return nil }
        self.text = text
    }

    /// RFC 6266: an ASCII fall-back and the name itself in UTF-8.
    var disposition: String {
        let plain = String(
            decoding: text.utf8.map { byte -> UInt8 in
                byte < 0x20 || byte > 0x7e || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                    || byte == UInt8(ascii: "%") ? UInt8(ascii: "_") : byte
            }, as: UTF8.self)
        let encoded = text.utf8.map { byte in
            Self.isAttributeCharacter(byte)
                ? String(UnicodeScalar(byte)) : "%" + Hex.encode(CollectionOfOne(byte)).uppercased()
        }
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(encoded.joined())"
    }

    private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension Unicode.Scalar {
    /// Control and format characters: unseen, or changing how what follows is seen.
    var isHidden: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        default: false
        }
    }
}

/// What a file is, told by its first bytes; by its name only where the bytes leave it open.
package enum FileKind: Sendable, Hashable {
    case text
    case image(mimeType: String)
    case pdf
    case document(Office)
    case binary(String)

    package enum Office: String, Sendable {
        case docx, xlsx, pptx
    }

    /// How much of the file `init` wants to see.
    static let sniffedBytes = 8192

    package init(start bytes: [UInt8], name: String) {
        func has(_ signature: [UInt8], at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: signature) }
        let suffix = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .image(mimeType: "image/png")
        } else if has([0xFF, 0xD8, 0xFF]) {
            self = .image(mimeType: "image/jpeg")
        } else if has(Array("GIF87a".utf8)) || has(Array("GIF89a".utf8)) {
            self = .image(mimeType: "image/gif")
        } else if has(Array("RIFF".utf8)), has(Array("WEBP".utf8), at: 8) {
            self = .image(mimeType: "image/webp")
        } else if has(Array("%PDF-".utf8)) {
            self = .pdf
        } else if has([0x50, 0x4B, 0x03, 0x04]) {
            self = Office(rawValue: suffix).map(FileKind.document) ?? .binary("a zip archive; list it with: unzip -l")
        } else if has([0x1F, 0x8B]) {
            self = .binary("gzip data; unpack it with: gunzip or tar -xzf")
        } else if has([0x7F, 0x45, 0x4C, 0x46]) {
            self = .binary("a program (ELF)")
        } else if has(Array("SQLite format 3\0".utf8)) {
            self = .binary("an SQLite database; read it with python3's sqlite3 module")
        } else if has([0xD0, 0xCF, 0x11, 0xE0]) {
            self = .binary("an old Office file (.doc, .xls or .ppt), which has to be converted first")
        } else if has([0xFF, 0xFE]) || has([0xFE, 0xFF]) {
            self = .binary("text in UTF-16; convert it with: iconv -f UTF-16 -t UTF-8")
        } else if bytes.contains(0) {
            self = .binary("binary data")
        } else {
            self = .text
        }
    }
}

/// The part of a text that is looked at: its beginning and its end, where people say what they want. Bounded whatever is
/// pasted between.
struct TextWindow: Sendable {
    /// Bytes of UTF-8 looked at from the beginning and from the end.
    static let head = 6 * 1024
    static let tail = 2 * 1024

    /// Head and tail one after the other, a line end between them where something was left out.
    let bytes: [UInt8]

    init(_ text: String) {
        var text = text
        bytes = text.withUTF8 { buffer in
            guard buffer.count > Self.head + Self.tail else { return Array(buffer) }
            return Array(buffer.prefix(Self.head)) + [10] + Array(buffer.suffix(Self.tail))
        }
    }
}

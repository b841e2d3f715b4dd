/// Builds TLS client hellos, good and bad.
struct Hello {
    /// Each name as an entry of the list; `nil`: no such extension.
    var names: [[UInt8]]?
    var extensions: [(kind: Int, content: [UInt8])] = []
    /// Into how many bytes each record is cut at most.
    var recordSize = 16384
    var version: [UInt8] = [3, 1]

    init(_ name: String?) {
        names = name.map { [Array($0.utf8)] }
    }

    var message: [UInt8] {
        var content: [UInt8] = []
        if let names {
            var list: [UInt8] = []
            for name in names { list += [0] + Self.vector(name, 2) }
            content += Self.number(0, 2) + Self.vector(Self.vector(list, 2), 2)
        }
        for (kind, bytes) in extensions { content += Self.number(kind, 2) + Self.vector(bytes, 2) }
        var body: [UInt8] = [3, 3]
        body += [UInt8](repeating: 7, count: 32)
        body += Self.vector([UInt8](repeating: 1, count: 32), 1)
        body += Self.vector([0x13, 0x01, 0x13, 0x02], 2)
        body += [1, 0]
        body += Self.vector(content, 2)
        return [1] + Self.vector(body, 3)
    }

    var bytes: [UInt8] {
        let message = message
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: message.count, by: recordSize) {
            let record = Array(message[start..<min(start + recordSize, message.count)])
            bytes += [22] + version + Self.vector(record, 2)
        }
        return bytes
    }

    static func number(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    static func vector(_ content: [UInt8], _ width: Int) -> [UInt8] { number(content.count, width) + content }
}

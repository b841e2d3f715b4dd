/// The text of an HTML page, for a reader that needs no more: no scripts, no styles, no comments, blocks on lines of their
/// own, links with their addresses. Reads each byte a bounded number of times, whatever it is given.
enum HTMLText {
    static func text(of html: String) -> String {
        var reader = Reader(bytes: Array(html.utf8))
        return reader.read()
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0
        var result: [UInt8] = []
        /// Where links end, their addresses.
        var links: [String?] = []

        init(bytes: [UInt8]) {
            self.bytes = bytes
            result.reserveCapacity(bytes.count / 2)
        }

        mutating func read() -> String {
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "<"): tag()
                case UInt8(ascii: "&"): entity()
                case let byte where isSpace(byte):
                    space()
                    position += 1
                case let byte:
                    result.append(byte)
                    position += 1
                }
            }
            let lines = String(decoding: result, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            var text: [Substring] = []
            for line in lines {
                let trimmed = line.drop { $0 == " " }
                if trimmed.isEmpty, text.last?.isEmpty ?? true { continue }
                text.append(trimmed)
            }
            return text.joined(separator: "\n")
        }

        private mutating func space() {
            if let last = result.last, last != 0x20, last != 0x0A { result.append(0x20) }
        }

        private mutating func newLine() {
            while result.last == 0x20 { result.removeLast() }
            if !result.isEmpty { result.append(0x0A) }
        }

        private mutating func tag() {
            let start = position
            if has("<!--") {
                position = after("-->", from: start + 4)
                return
            }
            position += 1
            let isEnd = position < bytes.count && bytes[position] == UInt8(ascii: "/")
            if isEnd { position += 1 }
            let name = word()
            guard !name.isEmpty else {
                // `a < b`, `<!doctype`, `<?xml`.
                if !isEnd, position < bytes.count, bytes[position] == 0x21 || bytes[position] == 0x3F {
                    position = after(">", from: position)
                } else {
                    result += bytes[start..<position]
                }
                return
            }
            let address = attributes()
            if isEnd {
                close(name)
            } else {
                open(name, address)
            }
        }

        private mutating func open(_ name: String, _ address: String?) {
            if ["script", "style", "noscript", "template", "svg", "iframe", "object"].contains(name) {
                position = afterEnd(of: name)
            } else if name == "a" {
                links.append(address)
            } else if name == "li" {
                newLine()
                result += "- ".utf8
            } else if name == "td" || name == "th" {
                space()
                result += "| ".utf8
            } else if Self.blocks.contains(name) {
                newLine()
                if name.count == 2, name.first == "h" { newLine() }
            }
        }

        private mutating func close(_ name: String) {
            if name == "a" {
                if let address = links.popLast() ?? nil, address.hasPrefix("http"), address.utf8.count <= 2048 {
                    result += " (\(address))".utf8
                }
            } else if Self.blocks.contains(name) {
                newLine()
            }
        }

        private static let blocks: Set<String> = [
            "p", "div", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "tr", "section", "article",
            "header", "footer", "main", "nav", "aside", "pre", "blockquote", "form", "title", "dl", "dt", "dd",
            "figure",
            "figcaption", "option", "address",
        ]

        private mutating func word() -> String {
            let start = position
            while position < bytes.count, position - start < 32, isName(bytes[position]) { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
        }

        /// To the end of the tag; the value of `href`.
        private mutating func attributes() -> String? {
            var address: String?
            while position < bytes.count, bytes[position] != UInt8(ascii: ">") {
                let start = position
                while position < bytes.count, isName(bytes[position]) { position += 1 }
                let name = String(decoding: bytes[start..<min(position, start + 8)], as: UTF8.self).lowercased()
                guard position < bytes.count, bytes[position] == UInt8(ascii: "="), position > start else {
                    if position == start { position += 1 }
                    continue
                }
                position += 1
                let value = value()
                if name == "href" { address = value }
            }
            position = min(position + 1, bytes.count)
            return address
        }

        private mutating func value() -> String {
            guard position < bytes.count else { return "" }
            let quote = bytes[position]
            let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
            let start = isQuoted ? position + 1 : position
            position = start
            while position < bytes.count,
                isQuoted ? bytes[position] != quote : !isSpace(bytes[position]) && bytes[position] != 0x3E
            {
                position += 1
            }
            let end = position
            if isQuoted { position = min(position + 1, bytes.count) }
            return String(decoding: bytes[start..<end], as: UTF8.self).replacing("&amp;", with: "&")
        }

        private mutating func entity() {
            let start = position + 1
            var end = start
            while end < bytes.count, end - start < 10, isName(bytes[end]) || bytes[end] == UInt8(ascii: "#") {
                end += 1
            }
            guard end < bytes.count, bytes[end] == UInt8(ascii: ";"),
                let text = Self.character(String(decoding: bytes[start..<end], as: UTF8.self))
            else {
                result.append(UInt8(ascii: "&"))
                position += 1
                return
            }
            result += text.utf8
            position = end + 1
        }

        private static let names: [String: String] = [
            "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®",
            "ndash": "–", "mdash": "—", "hellip": "…", "laquo": "«", "raquo": "»", "lsquo": "‘", "rsquo": "’",
            "ldquo": "“", "rdquo": "”", "bull": "•", "middot": "·", "euro": "€", "auml": "ä", "ouml": "ö",
            "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é", "times": "×",
        ]

        private static func character(_ name: String) -> String? {
            if name.hasPrefix("#") {
                let digits = name.dropFirst()
                let isHex = digits.first == "x" || digits.first == "X"
                guard let code = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits),
                    let scalar = Unicode.Scalar(code), code >= 0x20 || code == 9 || code == 10
                else { return nil }
                return String(Character(scalar))
            }
            return names[name]
        }

        private func has(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

        private func after(_ text: String, from start: Int) -> Int {
            let wanted = Array(text.utf8)
            var place = start
            while place + wanted.count <= bytes.count {
                if bytes[place] == wanted[0], bytes[place..<place + wanted.count].elementsEqual(wanted) {
                    return place + wanted.count
                }
                place += 1
            }
            return bytes.count
        }

        private func afterEnd(of name: String) -> Int {
            let wanted = Array("</\(name)".utf8)
            var place = position
            while place + wanted.count <= bytes.count {
                if bytes[place] == wanted[0],
                    zip(bytes[place..<place + wanted.count], wanted).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
                {
                    return after(">", from: place)
                }
                place += 1
            }
            return bytes.count
        }

        private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

        private func isName(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x3A, 0x5F: true
            default: false
            }
        }
    }
}

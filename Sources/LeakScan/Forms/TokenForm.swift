/// A well-known form of token, known by how it begins.
struct TokenForm: Sendable {
    enum Rest: Sendable {
        /// At least so many letters, digits, `-` or `_`.
        case word(Int)
        /// As `word`, in parts with dots between them.
        case dotted(Int)
        /// To the mark that ends a key block, or as far as what stands there can be one.
        case block
    }

    let name: String
    let beginning: [UInt8]
    let rest: Rest

    private init(_ name: String, _ beginning: String, _ rest: Rest) {
        self.name = name
        self.beginning = Array(beginning.utf8)
        self.rest = rest
    }

    static let all: [TokenForm] =
        ["AKIA", "ASIA"].map { TokenForm("AWS access key", $0, .word(16)) }
        + ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"].map { TokenForm("GitHub token", $0, .word(30)) }
        + ["xoxb-", "xoxp-", "xoxa-", "xoxe-", "xoxe.", "xoxs-", "xoxr-", "xapp-"].map {
            TokenForm("Slack token", $0, .word(10))
        }
        + ["eyJhbGciOi", "eyJ0eXAiOi", "eyJraWQiOi"].map { TokenForm("JWT", $0, .dotted(8)) }
        + ["sk_live_", "rk_live_"].map { TokenForm("Stripe key", $0, .word(16)) }
        + ["RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", ""].map {
            TokenForm("private key", "-----BEGIN \($0)PRIVATE KEY-----", .block)
        }
        + [
            TokenForm("private key", "-----BEGIN PGP PRIVATE KEY BLOCK-----", .block),
            TokenForm("GitLab token", "glpat-", .word(16)), TokenForm("Anthropic key", "sk-ant-", .word(16)),
            TokenForm("OpenAI key", "sk-proj-", .word(16)), TokenForm("OpenAI key", "sk-svcacct-", .word(16)),
            TokenForm("OpenAI key", "sk-", .word(40)), TokenForm("Google key", "AIza", .word(30)),
            TokenForm("Google token", "ya29.", .dotted(30)), TokenForm("npm token", "npm_", .word(30)),
            TokenForm("PyPI token", "pypi-AgEI", .word(16)), TokenForm("Hugging Face token", "hf_", .word(30)),
            TokenForm("DigitalOcean token", "dop_v1_", .word(30)), TokenForm("SendGrid key", "SG.", .dotted(16)),
            TokenForm("Vault token", "hvs.", .dotted(20)), TokenForm("age key", "AGE-SECRET-KEY-1", .word(30)),
        ]

    /// What of `text` is the token that would begin at `start`; `reachesEnd`: more text could be more of it.
    func end(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> (end: Int?, reachesEnd: Bool) {
        guard begins(in: text, at: start) else { return (nil, false) }
        let after = start + beginning.count
        switch rest {
        case .word(let count): return run(text, after, atLeast: count, limit: Self.longestWord, Self.isWord)
        case .dotted(let count):
            return run(text, after, atLeast: count, limit: Self.longestRest) {
                Self.isWord($0) || $0 == UInt8(ascii: ".")
            }
        case .block: return block(text, after)
        }
    }

    func begins(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        isAtBoundary(text, start) && Self.has(beginning, text, start)
    }

    /// After its beginning; no token is looked at further.
    var longest: Int {
        switch rest {
        case .word: Self.longestWord
        case .dotted: Self.longestRest
        case .block: Self.longestRest + 128
        }
    }

    private static let longestWord = 512
    private static let longestRest = 16 << 10

    private func run(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, atLeast count: Int, limit: Int, _ fits: (UInt8) -> Bool
    ) -> (end: Int?, reachesEnd: Bool) {
        var end = start
        while end < text.count, end - start < limit, fits(text[end]) { end += 1 }
        return (end - start >= count ? end : nil, end == text.count)
    }

    private static let mark = Array("-----END ".utf8)
    private static let lastMark = Array("-----".utf8)

    private func block(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> (end: Int?, reachesEnd: Bool) {
        var end = start
        while end < text.count, end - start < Self.longestRest, Self.isBlock(text[end]) {
            if text[end] == 0x2D, Self.has(Self.mark, text, end) {
                var close = end + Self.mark.count
                while close < text.count, close - end < 64, !Self.has(Self.lastMark, text, close) { close += 1 }
                return (min(close + Self.lastMark.count, text.count), close + Self.lastMark.count > text.count)
            }
            end += 1
        }
        return (end, end == text.count)
    }

    private static func has(_ wanted: [UInt8], _ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        guard start + wanted.count <= text.count else { return false }
        for offset in wanted.indices where text[start + offset] != wanted[offset] { return false }
        return true
    }

    /// In the middle of another word it is none; after an escape (`\n`) it begins a word all the same.
    private func isAtBoundary(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        guard start > 0, Self.isWord(text[start - 1]), text[start - 1] != 0x2D, text[start - 1] != 0x5F else {
            return true
        }
        return start > 1 && text[start - 2] == UInt8(ascii: "\\")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 95: true
        default: false
        }
    }

    /// Base64, headers of old key files, line ends as they are or escaped.
    private static func isBlock(_ byte: UInt8) -> Bool {
        isWord(byte) || Fold.isBlank(byte) || Array("+/=:,\\".utf8).contains(byte)
    }
}

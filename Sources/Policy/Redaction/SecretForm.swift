/// What looks like a secret: well-known forms of tokens, and members named for what they hold. Costs a text's length once
/// for each form.
package enum SecretForm {
    private struct Form {
        let prefix: [UInt8]
        /// At least so many letters, digits, `-` or `_` follow.
        let length: Int

        init(_ prefix: String, _ length: Int) {
            self.prefix = Array(prefix.utf8)
            self.length = length
        }
    }

    private static let forms = [
        Form("AKIA", 16), Form("ASIA", 16), Form("ghp_", 30), Form("gho_", 30), Form("ghu_", 30), Form("ghs_", 30),
        Form("ghr_", 30), Form("github_pat_", 30), Form("glpat-", 16), Form("xoxb-", 10), Form("xoxp-", 10),
        Form("xoxa-", 10), Form("xoxe-", 10), Form("xoxs-", 10), Form("xoxr-", 10), Form("xapp-", 10),
        Form("sk-ant-", 16), Form("sk-proj-", 16), Form("sk_live_", 16), Form("rk_live_", 16), Form("AIza", 30),
        Form("npm_", 30), Form("pypi-AgEI", 16), Form("hf_", 30), Form("dop_v1_", 30), Form("SG.", 16),
        Form("eyJhbGciOi", 8),
    ]
    private static let blocks = ["PRIVATE KEY-----", "PGP PRIVATE KEY BLOCK-----"].map { Array($0.utf8) }

    package static func isFound(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            forms.contains { form in
                contains(bytes, form.prefix) { after in
                    bytes.count - after >= form.length && bytes[after..<after + form.length].allSatisfy(isWord)
                }
            } || blocks.contains { contains(bytes, $0) { _ in true } }
        }
    }

    /// `password`, `clientSecret`, `api_key`, `access-token` …: whatever such a member holds.
    package static func isName(_ name: String) -> Bool {
        let plain = name.lowercased().utf8.filter { (97...122).contains($0) }
        let word = String(decoding: plain, as: UTF8.self)
        return ["token", "pin", "pwd"].contains { word == $0 } || word.hasSuffix("token")
            || [
                "password", "passwd", "passphrase", "secret", "apikey", "accesskey", "privatekey", "credential",
                "authorization",
            ].contains { word.contains($0) }
    }

    private static func contains(
        _ bytes: UnsafeBufferPointer<UInt8>, _ wanted: [UInt8], _ fits: (Int) -> Bool
    ) -> Bool {
        guard bytes.count >= wanted.count else { return false }
        for start in 0...bytes.count - wanted.count where bytes[start] == wanted[0] {
            guard (1..<wanted.count).allSatisfy({ bytes[start + $0] == wanted[$0] }) else { continue }
            if fits(start + wanted.count) { return true }
        }
        return false
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 95: true
        default: false
        }
    }
}

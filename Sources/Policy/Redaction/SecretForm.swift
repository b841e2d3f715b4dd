import LeakScan

/// What looks like a secret: well-known forms of tokens, and members named for what they hold.
package enum SecretForm {
    package static func isFound(in text: String) -> Bool { KnownTokens.isFound(in: text) }

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
}

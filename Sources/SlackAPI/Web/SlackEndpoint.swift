/// Where Slack is: the address its methods stand under, and whom else bytes may go to.
package struct SlackEndpoint: Hashable, Sendable, CustomStringConvertible {
    package let base: SlackURL

    /// Slack's own.
    package static let usual = "https://slack.com/api/"
    package static let addressRule = "https://HOST/api/, or http:// to this machine (127.0.0.1, ::1, localhost)"

    /// Nil unless `text` is an address by `addressRule`, without a query.
    package init?(_ text: String) {
        guard let base = SlackURL(text.hasSuffix("/") ? text : text + "/"), !base.target.contains("?") else {
            return nil
        }
        self.base = base
    }

    package var description: String { base.text }

    func address(of method: String) -> String { base.text + method }

    /// Whether a file may be asked for there, and the token sent along: Slack's host for files, the workspace's own, or
    /// where the methods are.
    package func servesFiles(_ url: SlackURL, workspace: SlackURL?) -> Bool {
        if url.isSameOrigin(as: base) { return true }
        guard url.isSecure, url.port == 443 else { return false }
        if let workspace, url.isSameOrigin(as: workspace), isOurs(workspace) { return true }
        return url.host == "files." + base.host
    }

    /// Whether an answer to a click may be posted there.
    package func takesResponses(_ url: SlackURL) -> Bool {
        url.isSameOrigin(as: base) || (url.isSecure && url.port == 443 && url.host == "hooks." + base.host)
    }

    /// Whether a file's bytes may be sent there (the address carries its own permission; no token goes along).
    package func takesUploads(_ url: SlackURL) -> Bool {
        url.isSameOrigin(as: base) || (url.isSecure && url.port == 443 && isOurs(url))
    }

    private func isOurs(_ url: SlackURL) -> Bool { url.host == base.host || url.host.hasSuffix("." + base.host) }
}

import MCP

/// Where programs of the workspace find the way out, if there is one: a loopback port that `Forwarder` serves.
package enum ProxyAddress {
    /// Below the ports that the kernel gives to those who name none.
    package static let port: UInt16 = 18118
    /// The egress door: in a directory that only the host can change.
    package static let door = "/run/bulkhead/egress.sock"

    /// What git, pip, curl, npm, apt and nearly everything else reads. Both spellings: curl knows `http_proxy` in lower case
    /// only, others the upper case only.
    package static func environment(port: UInt16 = port) -> [String: String] {
        let proxy = "http://127.0.0.1:\(port)"
        var variables: [String: String] = [:]
        for (name, value) in [
            ("HTTP_PROXY", proxy), ("HTTPS_PROXY", proxy), ("ALL_PROXY", proxy),
            ("NO_PROXY", "localhost,127.0.0.1,::1"),
        ] {
            variables[name] = value
            variables[name.lowercased()] = value
        }
        return variables
    }
}

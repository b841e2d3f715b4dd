internal import MCP

/// A script with its orders, as a command for the workspace's shell. Scripts are embedded (`Scripts/`); a prelude comes
/// before each.
struct ProbeScript: Sendable {
    enum Name: String, CaseIterable {
        case network, container, resources, tenant, secrets, neighbour, door
    }

    /// The order of the probes is the script's own.
    static func command(_ name: Name, given: JSONObject, environment: [(String, String)] = []) -> String {
        let orders = JSONValue.object(given).serialized()
        // On standard input rather than as an argument: arguments can be read in /proc. Encoded, for what is in it must
        // not end the lines early.
        let lines = ["import base64", "ORDERS = base64.b64decode('\(base64(orders))')", prelude, text(of: name)]
        let variables = environment.map { "\($0.0)='\($0.1)' " }.joined()
        let run = name == .neighbour || name == .door ? "" : "run()\n"
        return "\(variables)python3 -I -u - <<'\(end)'\n\(lines.joined(separator: "\n"))\n\(run)\(end)"
    }

    private static let end = "END_OF_DRILL"
    private static let prelude = String(decoding: PackageResources.prelude_py, as: UTF8.self)

    private static func text(of name: Name) -> String {
        let bytes =
            switch name {
            case .network: PackageResources.network_py
            case .container: PackageResources.container_py
            case .resources: PackageResources.resources_py
            case .tenant: PackageResources.tenant_py
            case .secrets: PackageResources.secrets_py
            case .neighbour: PackageResources.neighbour_py
            case .door: PackageResources.door_py
            }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// RFC 4648.
    static func base64(_ bytes: some Sequence<UInt8>) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var (result, held, bits): ([UInt8], UInt32, UInt32) = ([], 0, 0)
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                result.append(alphabet[Int(held >> bits & 63)])
            }
        }
        if bits > 0 { result.append(alphabet[Int(held << (6 - bits) & 63)]) }
        while result.count % 4 != 0 { result.append(UInt8(ascii: "=")) }
        return String(decoding: result, as: UTF8.self)
    }
}

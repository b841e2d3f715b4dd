internal import BrokerProtocol
internal import MCP

/// What the broker's configuration says, as far as it is compared. The broker itself reads it strictly; what is missing
/// here is looked for nowhere.
struct InstalledBroker {
    var path: String
    var installation = ""
    var run = ""
    var volumes = ""
    var engine = "/var/run/docker.sock"
    var witness: String?
    var serviceUID: UInt32?
    var serviceGID: UInt32?
    var owners: ReservedOwners?
    var hooks: [String] = []
    var images: [String: String] = [:]
    var profiles: [String: String] = [:]

    /// `nil` where there is none that can be read.
    init?(_ path: String) {
        guard let bytes = SystemFile.bytes(path), let value = try? JSONValue(parsing: bytes) else { return nil }
        self.path = path
        installation = value["installation"]?.stringValue ?? ""
        run = value["run"]?.stringValue ?? ""
        volumes = value["volumes"]?.stringValue ?? ""
        engine = value["engine"]?.stringValue ?? engine
        witness = value["witness"]?.stringValue
        serviceUID = value["service"]?["uid"]?.intValue.flatMap(UInt32.init(exactly:))
        serviceGID = value["service"]?["gid"]?.intValue.flatMap(UInt32.init(exactly:))
        if let first = value["owners"]?["first"]?.intValue.flatMap(UInt32.init(exactly:)),
            let count = value["owners"]?["count"]?.intValue.flatMap(UInt32.init(exactly:)),
            !first.addingReportingOverflow(count).overflow
        {
            owners = ReservedOwners(first: first, count: count)
        }
        hooks = (value["hooks"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
        for part in ["agent", "workspace"] {
            images[part] = value[part]?["image"]?.stringValue
            profiles[part] = value[part]?["seccomp"]?.stringValue
        }
    }
}

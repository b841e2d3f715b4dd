package import Model

/// What the operator decides, from one YAML file read once at start. The initial values here are the defaults; names,
/// ranges and documentation are in the table in `Settings+Keys.swift`, and nowhere else.
package struct Settings: Sendable, Equatable {
    /// The file these came from, empty where there was none. Relative paths in it are relative to its directory.
    package internal(set) var file = ""

    package internal(set) var data = DataSettings()
    package internal(set) var runtime = RuntimeSettings()
    package internal(set) var broker = BrokerSettings()
    package internal(set) var console = ConsoleSettings()
    package internal(set) var people = PeopleSettings()
    package internal(set) var model = ModelSettings()
    package internal(set) var containers = ContainerSettings()
    package internal(set) var session = SessionSettings()
    package internal(set) var approvals = ApprovalSettings()
    package internal(set) var tasks = TaskSettings()
    package internal(set) var tools = ToolSettings()
    package internal(set) var messages = MessageSettings()
    package internal(set) var uploads = UploadSettings()
    package internal(set) var policy = PolicySettings()
    package internal(set) var egress = EgressSettings()
    package internal(set) var vault = VaultSettings()
    package internal(set) var audit = AuditSettings()
    package internal(set) var hooks = HookSettings()
    package internal(set) var slack = SlackSettings()
    package internal(set) var log = LogSettings()

    package init() {}
}

package struct DataSettings: Sendable, Equatable {
    package internal(set) var directory = "data"
}

package struct RuntimeSettings: Sendable, Equatable {
    package internal(set) var directory = "/run/bulkhead"
}

package struct BrokerSettings: Sendable, Equatable {
    package internal(set) var socket = "/run/bulkhead/broker.sock"
    package internal(set) var inProcess = false
    /// Read only where `inProcess`; else it is the broker's own.
    package internal(set) var file = "broker.json"
}

package struct ConsoleSettings: Sendable, Equatable {
    package internal(set) var host = "127.0.0.1"
    package internal(set) var port = 8181
}

/// People are known by their operating-system user names.
package struct PeopleSettings: Sendable, Equatable {
    package enum Others: String, Sendable, CaseIterable {
        case refuse, member
    }

    package internal(set) var owner = "root"
    package internal(set) var admins: [String] = []
    package internal(set) var members: [String] = []
    package internal(set) var others = Others.refuse
    /// By operating-system user name.
    package internal(set) var addresses: [String: [String]] = [:]

    /// Of the operating-system user of that name; `nil` for one who may not come in.
    package func role(of name: String) -> Role? { role(of: name, isRoot: name == "root") }

    package func role(of name: String, isRoot: Bool) -> Role? {
        if name == owner { return .owner }
        // Root can read and change everything here anyway; pretending otherwise would be no protection.
        if isRoot || admins.contains(name) { return .admin }
        return members.contains(name) || others == .member ? .member : nil
    }

    /// Whose `address` is; nobody's where it is no plain address, or two have it.
    package func name(ofAddress address: String) -> String? {
        guard let address = MailAddress.normal(address) else { return nil }
        let names = addresses.filter { $0.value.contains(address) }.map(\.key)
        return names.count == 1 ? names[0] : nil
    }

    /// Whether the settings say who `name` is, beside what they say of all others.
    package func lists(_ name: String) -> Bool {
        name == owner || admins.contains(name) || members.contains(name)
    }
}

package struct ContainerSettings: Sendable, Equatable {
    package internal(set) var ready = 2
    package internal(set) var maximum = 200
    package internal(set) var cpus = 1.0
    package internal(set) var memory = 1 << 30
    package internal(set) var processes = 256
    package internal(set) var openFiles = 1024
    package internal(set) var volumesSize = 20 << 30
}

package struct SessionSettings: Sendable, Equatable {
    package internal(set) var idleEnd = Duration.seconds(15 * 60)
    package internal(set) var maximumTurns = 50
    package internal(set) var maximumOutputTokens = 8192
    package internal(set) var approvalExpires = Duration.seconds(24 * 3600)
}

package struct ApprovalSettings: Sendable, Equatable {
    package internal(set) var hold = Duration.seconds(2 * 60)
    package internal(set) var reminder = 0.5
}

package struct ToolSettings: Sendable, Equatable {
    package internal(set) var timeout = Duration.seconds(10 * 60)
    package internal(set) var resultBytes = 48 << 10
    package internal(set) var keptBytes = 16 << 20
    package internal(set) var undoKept = Duration.seconds(30 * 86_400)
    package internal(set) var undoBytes = 1 << 30
}

package struct MessageSettings: Sendable, Equatable {
    package internal(set) var maximumBytes = 256 << 10
    package internal(set) var queued = 32
}

package struct UploadSettings: Sendable, Equatable {
    package internal(set) var fileBytes = 25 << 20
    package internal(set) var perMessage = 10
}

package struct PolicySettings: Sendable, Equatable {
    package internal(set) var file = "policy.yaml"
}

/// What one session may take of the network, where it is granted any.
package struct EgressSettings: Sendable, Equatable {
    package internal(set) var connections = 64
    package internal(set) var connectionsPerSecond = 20
    package internal(set) var bytesUp = 10 << 20
    package internal(set) var bytesDown = 4 << 30
    package internal(set) var idle = Duration.seconds(120)
    package internal(set) var total = Duration.seconds(3600)
}

package struct AuditSettings: Sendable, Equatable {
    package internal(set) var witnessFile = "audit.witness"
    /// Empty: none. So are the next three.
    package internal(set) var syslog = ""
    package internal(set) var httpsURL = ""
    package internal(set) var httpsAuthority = ""
    package internal(set) var httpsTokenFile = ""
}

/// The operator's programs that are asked when something happens. Their names, in the order they are asked.
package struct HookSettings: Sendable, Equatable {
    package internal(set) var directory = "hooks"
    package internal(set) var user = "bulkhead-hooks"
    package internal(set) var messageIn: [String] = []
    package internal(set) var sessionStart: [String] = []
    package internal(set) var toolBefore: [String] = []
    package internal(set) var toolAfter: [String] = []
    package internal(set) var messageOut: [String] = []
    package internal(set) var sessionEnd: [String] = []
    package internal(set) var deadline = Duration.seconds(5)
    package internal(set) var outputBytes = 64 << 10
    package internal(set) var concurrent = 8
}

package struct LogSettings: Sendable, Equatable {
    package enum Level: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error
    }

    package internal(set) var level = Level.notice
}

package struct VaultSettings: Sendable, Equatable {
    package enum Key: String, Sendable, CaseIterable {
        case file, credential, environment
    }

    package enum Backend: String, Sendable, CaseIterable {
        case local, kv
    }

    package internal(set) var key = Key.file
    package internal(set) var keyFile = ""
    package internal(set) var backend = Backend.local
    package internal(set) var kvURL = ""
    package internal(set) var kvMount = "secret"
    package internal(set) var kvPrefix = "bulkhead"
    package internal(set) var kvNamespace = ""
    package internal(set) var kvTokenFile = ""
    package internal(set) var kvAuthority = ""
}

package import BrokerProtocol
internal import Glibc
package import MCP

/// The broker's own configuration: a JSON file only root can write. Requests are held against it; nothing in it can be
/// changed from outside.
package struct BrokerConfiguration: Sendable {
    /// Names containers (`bulkhead-<installation>-…`) and marks what is ours.
    package var installation: String
    /// The one user who may connect.
    package var serviceUID: UInt32
    package var serviceGID: UInt32
    /// Root-owned, on the engine's host: socket, doors, slots.
    package var runDirectory: String
    package var volumeRoot: String
    package var engineSocket: String
    /// Owner of all volumes on disk, and the first of the reserved range.
    package var firstOwner: UInt32
    package var ownerCount: UInt32
    package var agent: PartConfiguration
    package var workspace: PartConfiguration
    package var maximumCompartments: Int
    /// The file where the harness's audit is witnessed; `nil`: nowhere.
    package var witnessPath: String?
    /// The operator's programs that the harness may have run.
    package var hooks: [Hook]

    package var socketPath: String { runDirectory + "/broker.sock" }

    package struct Hook: Sendable {
        package var name: String
        package var path: String
        package var uid: UInt32
        package var gid: UInt32
    }

    package struct PartConfiguration: Sendable {
        package var image: String
        /// The seccomp profile, as text: Docker wants its content.
        package var seccomp: String
        package var memoryBytes: Int64
        package var processes: Int64
        /// Thousandths of a CPU.
        package var milliCPUs: Int64
        package var openFiles: Int64
        package var fileBytes: Int64
        /// Of /tmp, counted as memory.
        package var temporaryBytes: Int64

        package init(
            image: String, seccomp: String, memoryBytes: Int64, processes: Int64, milliCPUs: Int64,
            openFiles: Int64, fileBytes: Int64, temporaryBytes: Int64
        ) {
            self.image = image
            self.seccomp = seccomp
            self.memoryBytes = memoryBytes
            self.processes = processes
            self.milliCPUs = milliCPUs
            self.openFiles = openFiles
            self.fileBytes = fileBytes
            self.temporaryBytes = temporaryBytes
        }
    }
}

extension BrokerConfiguration {
    package static func load(_ path: String) throws(BrokerError) -> BrokerConfiguration {
        do {
            let value = try JSONValue(parsing: try trustedFile(path))
            guard let object = value.objectValue else { throw BrokerError(.invalid, "not an object") }
            return try BrokerConfiguration(object)
        } catch let error as BrokerError {
            throw BrokerError(.configuration, "\(path): \(error.message)")
        } catch {
            throw BrokerError(.configuration, "\(path): \(error)")
        }
    }

    /// Every member is required but the limits, `witness` and `hooks`; unknown ones are refused.
    package init(_ object: JSONObject) throws(BrokerError) {
        var fields = BrokerFields(object)
        installation = try fields.text("installation")
        runDirectory = try fields.text("run")
        volumeRoot = try fields.text("volumes")
        engineSocket = try fields.text("engine")
        var service = try fields.nested("service")
        serviceUID = UInt32(try service.number("uid", in: 0...0xFFFF_FFFE))
        serviceGID = UInt32(try service.number("gid", in: 0...0xFFFF_FFFE))
        try service.finish()
        var owners = try fields.nested("owners")
        // Never a system user's uid, nor one a person could have.
        firstOwner = UInt32(try owners.number("first", in: 100_000...0xF000_0000))
        ownerCount = UInt32(try owners.number("count", in: 8...100_000))
        try owners.finish()
        maximumCompartments = Int(try fields.number("compartments", in: 1...10_000))
        witnessPath = fields.optional("witness") == nil ? nil : try fields.text("witness")
        hooks = try (fields.optional("hooks") ?? .array([])).hooks()
        agent = try PartConfiguration(
            fields: try fields.nested("agent"),
            defaults: .init(
                image: "", seccomp: "", memoryBytes: 256 << 20, processes: 64, milliCPUs: 1000, openFiles: 256,
                fileBytes: 0, temporaryBytes: 0))
        workspace = try PartConfiguration(
            fields: try fields.nested("workspace"),
            defaults: .init(
                image: "", seccomp: "", memoryBytes: 1 << 30, processes: 512, milliCPUs: 2000, openFiles: 4096,
                fileBytes: 2 << 30, temporaryBytes: 256 << 20))
        try fields.finish()
        try check()
    }

    private func check() throws(BrokerError) {
        // Ends up in names and labels of containers.
        guard (1...24).contains(installation.utf8.count),
            installation.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
        else { throw BrokerError(.configuration, "installation: 1 to 24 of a-z, 0-9 and -") }
        let paths = [
            ("run", runDirectory), ("volumes", volumeRoot), ("engine", engineSocket),
            ("witness", witnessPath ?? volumeRoot),
        ]
        for (name, path) in paths + hooks.map({ ("hook \($0.name)", $0.path) }) {
            // A colon or a comma would mean something in a bind, a space is escaped in mountinfo.
            let plain = path.utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (45...57).contains($0) || $0 == 95
            }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            guard path.hasPrefix("/"), plain, !parts.isEmpty, !parts.contains(where: { ["", ".", ".."].contains($0) })
            else {
                throw BrokerError(.configuration, "\(name): an absolute path of letters, digits, '.', '-', '_', '/'")
            }
        }
        // /doors/<30>-workspace/egress.sock has to fit a socket address.
        guard runDirectory.utf8.count <= 48 else { throw BrokerError(.configuration, "run: 48 characters at most") }
        let owners = firstOwner..<firstOwner + ownerCount
        guard !owners.contains(serviceUID), !owners.contains(serviceGID) else {
            throw BrokerError(.configuration, "owners: the service user's uid or gid lies in the range of compartments")
        }
        guard Set(hooks.map(\.name)).count == hooks.count else {
            throw BrokerError(.configuration, "hooks: a name stands there twice")
        }
        for hook in hooks {
            // Neither root nor the harness, nor anybody whose files a compartment's owner could have.
            let isOurs = [0, serviceUID].contains(hook.uid) || [0, serviceGID].contains(hook.gid)
            let range = firstOwner..<firstOwner + ownerCount
            guard !isOurs, !range.contains(hook.uid), !range.contains(hook.gid) else {
                throw BrokerError(
                    .configuration,
                    "hook \(hook.name): its user must be one of its own, not root, the service user or a compartment's")
            }
        }
        guard Int(ownerCount) > maximumCompartments * 2 else {
            throw BrokerError(.configuration, "owners: count must be over twice the number of compartments")
        }
    }

    /// A file that nobody but root can have written.
    static func trustedFile(_ path: String) throws(BrokerError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw BrokerError(.configuration, "cannot read \(path): \(message(errno))") }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0, about.st_mode & S_IFMT == S_IFREG, about.st_uid == 0,
            about.st_mode & 0o022 == 0, about.st_size <= 1 << 20
        else {
            throw BrokerError(.configuration, "\(path) must be a file of root's that nobody else can write")
        }
        var bytes = [UInt8](repeating: 0, count: Int(about.st_size))
        guard read(file, &bytes, bytes.count) == bytes.count else {
            throw BrokerError(.configuration, "cannot read \(path)")
        }
        return bytes
    }
}

extension BrokerConfiguration.PartConfiguration {
    init(fields object: BrokerFields, defaults: Self) throws(BrokerError) {
        var fields = object
        self = defaults
        image = try fields.text("image")
        guard !image.isEmpty else { throw BrokerError(.configuration, "image: the name of an image") }
        seccomp = String(
            decoding: try BrokerConfiguration.trustedFile(try fields.text("seccomp")), as: UTF8.self)
        guard (try? JSONValue(parsing: seccomp))?["defaultAction"]?.stringValue == "SCMP_ACT_ERRNO" else {
            throw BrokerError(.configuration, "seccomp: not a profile that refuses what it does not name")
        }
        if fields.optional("memoryBytes") != nil {
            memoryBytes = try fields.number("memoryBytes", in: 16 << 20...1 << 40)
        }
        if fields.optional("processes") != nil { processes = try fields.number("processes", in: 8...32_768) }
        if fields.optional("milliCPUs") != nil { milliCPUs = try fields.number("milliCPUs", in: 50...256_000) }
        if fields.optional("openFiles") != nil { openFiles = try fields.number("openFiles", in: 64...1 << 20) }
        if fields.optional("fileBytes") != nil { fileBytes = try fields.number("fileBytes", in: 1 << 20...1 << 40) }
        if fields.optional("temporaryBytes") != nil {
            temporaryBytes = try fields.number("temporaryBytes", in: 1 << 20...1 << 40)
        }
        try fields.finish()
    }
}

extension JSONValue {
    fileprivate func hooks() throws(BrokerError) -> [BrokerConfiguration.Hook] {
        guard let items = arrayValue, items.count <= 64 else {
            throw BrokerError(.configuration, "hooks: a list of at most 64")
        }
        var hooks: [BrokerConfiguration.Hook] = []
        for item in items {
            guard let object = item.objectValue else { throw BrokerError(.configuration, "hooks: not an object") }
            var fields = BrokerFields(object)
            hooks.append(
                .init(
                    name: try fields.hook("name"), path: try fields.text("path"),
                    uid: UInt32(try fields.number("uid", in: 0...0xFFFF_FFFE)),
                    gid: UInt32(try fields.number("gid", in: 0...0xFFFF_FFFE))))
            try fields.finish()
        }
        return hooks
    }
}

func message(_ code: CInt) -> String { String(cString: strerror(code)) }

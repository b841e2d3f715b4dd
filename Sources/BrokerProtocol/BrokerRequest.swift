package import MCP
package import Model

/// All that can be asked of the broker. There is nothing else: no path, no image, no option of a container.
package enum BrokerRequest: Sendable, Equatable {
    /// Who is there, and how volumes are bound here. Answers with a `BrokerDescription`.
    case hello
    /// Starts a compartment with its agent container. Descriptors: its standard streams, its model door (listening).
    case createAgent(CompartmentID)
    /// Starts the workspace container of a compartment. Descriptor: its standard streams.
    case createWorkspace(CompartmentID, [VolumeGrant])
    /// The same for its errand, a workspace container for one command. Descriptor: its standard streams.
    case createErrand(CompartmentID, [VolumeGrant])
    /// Opens the egress door of a workspace container or an errand anew: what was open before can be connected to no more.
    /// Descriptor: the door (listening), to which that container's processes alone can connect.
    case openEgress(CompartmentID, CompartmentPart)
    /// Binds one more volume into a running workspace container.
    case place(CompartmentID, VolumeGrant)
    /// Ends one container, or the whole compartment; answers when containers, mounts and doors are gone.
    case end(CompartmentID, CompartmentPart?)
    case list
    /// Sessions that have a scratch volume, in order, after the one named; so many at a time.
    case scratches(after: SessionID?)
    /// Removes a session's scratch volume, and no other kind. Refused while a container has it.
    case discardScratch(SessionID)
    /// Memory of one container.
    case stats(CompartmentID, CompartmentPart)

    /// Adds a line to the witness of the audit: printable ASCII, at most `maximumLine` bytes.
    case witness(String)
    /// Whether a hook of the configuration could be run.
    case checkHook(String)
    /// Runs one. Descriptors: its standard input, output and error, and a socket that tells its end, and whose closing
    /// ends it.
    case runHook(String)

    /// What the broker opens, makes and may be asked for: this enumeration, its templates, its configuration.
    case surface

    /// The operations' names, which are all there are: a request is read by them.
    package enum Operation: String, CaseIterable, Sendable {
        case hello, createAgent, createWorkspace, createErrand, openEgress, place, end, list, scratches
        case discardScratch, stats, witness, checkHook, runHook, surface
    }

    /// More than the kinds there are makes no sense.
    package static let maximumVolumes = Mount.allCases.count
    package static let maximumLine = 400
}

extension BrokerRequest {
    package var json: JSONObject {
        switch self {
        case .hello: ["op": "hello"]
        case .surface: ["op": "surface"]
        case .list: ["op": "list"]
        case .scratches(nil): ["op": "scratches"]
        case .scratches(let after?): ["op": "scratches", "after": .string(after.rawValue)]
        case .discardScratch(let session): ["op": "discardScratch", "session": .string(session.rawValue)]
        case .createAgent(let id): ["op": "createAgent", "compartment": .string(id.rawValue)]
        case .createWorkspace(let id, let grants): Self.creation("createWorkspace", id, grants)
        case .createErrand(let id, let grants): Self.creation("createErrand", id, grants)
        case .openEgress(let id, let part):
            ["op": "openEgress", "compartment": .string(id.rawValue), "part": .string(part.rawValue)]
        case .place(let id, let grant):
            ["op": "place", "compartment": .string(id.rawValue), "volume": .object(grant.json)]
        case .end(let id, nil): ["op": "end", "compartment": .string(id.rawValue)]
        case .end(let id, let part?):
            ["op": "end", "compartment": .string(id.rawValue), "part": .string(part.rawValue)]
        case .checkHook(let name): ["op": "checkHook", "hook": .string(name)]
        case .runHook(let name): ["op": "runHook", "hook": .string(name)]
        case .witness(let line): ["op": "witness", "line": .string(line)]
        case .stats(let id, let part):
            ["op": "stats", "compartment": .string(id.rawValue), "part": .string(part.rawValue)]
        }
    }

    private static func creation(_ operation: String, _ id: CompartmentID, _ grants: [VolumeGrant]) -> JSONObject {
        [
            "op": .string(operation), "compartment": .string(id.rawValue),
            "volumes": .array(grants.map { .object($0.json) }),
        ]
    }

    /// Takes exactly the members of its operation: a missing, mistyped or additional one is refused.
    package init(_ object: JSONObject) throws(BrokerError) {
        var fields = BrokerFields(object)
        guard let operation = Operation(rawValue: try fields.text("op")) else {
            throw BrokerError(.invalid, "no such operation")
        }
        switch operation {
        case .hello: self = .hello
        case .surface: self = .surface
        case .list: self = .list
        case .scratches: self = .scratches(after: try fields.optionalSession("after"))
        case .discardScratch:
            guard let session = try fields.optionalSession("session") else {
                throw BrokerError(.invalid, "missing member session")
            }
            self = .discardScratch(session)
        case .createAgent: self = .createAgent(try fields.compartment())
        case .createWorkspace: self = .createWorkspace(try fields.compartment(), try fields.grants("volumes"))
        case .createErrand: self = .createErrand(try fields.compartment(), try fields.grants("volumes"))
        case .openEgress:
            let (compartment, part) = (try fields.compartment(), try fields.part())
            guard part != .agent else { throw BrokerError(.invalid, "an agent container has no egress door") }
            self = .openEgress(compartment, part)
        case .place: self = .place(try fields.compartment(), try fields.grant("volume"))
        case .end: self = .end(try fields.compartment(), try fields.optionalPart())
        case .stats: self = .stats(try fields.compartment(), try fields.part())
        case .checkHook: self = .checkHook(try fields.hook("hook"))
        case .runHook: self = .runHook(try fields.hook("hook"))
        case .witness:
            let line = try fields.text("line")
            guard (1...Self.maximumLine).contains(line.utf8.count), line.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
            else { throw BrokerError(.invalid, "not a line of a witness") }
            self = .witness(line)
        }
        try fields.finish()
    }
}

extension VolumeGrant {
    package var json: JSONObject {
        [
            "kind": .string(volume.kind.rawValue), "key": .string(volume.key), "access": .string(access.rawValue),
        ]
    }

    /// Refuses read-write access to a kind that is read-only: a caller who asks for it is wrong about something.
    package init(_ object: JSONObject) throws(BrokerError) {
        var fields = BrokerFields(object)
        guard let kind = Mount(rawValue: try fields.text("kind")) else {
            throw BrokerError(.invalid, "no such kind of volume")
        }
        guard let volume = Volume(kind: kind, key: try fields.text("key")) else {
            throw BrokerError(.invalid, "not a key of a \(kind.rawValue) volume")
        }
        guard let access = Access(rawValue: try fields.text("access")) else {
            throw BrokerError(.invalid, "access is ro or rw")
        }
        try fields.finish()
        self.init(volume, access)
        guard self.access == access else { throw BrokerError(.invalid, "\(kind.rawValue) volumes are read-only") }
    }
}

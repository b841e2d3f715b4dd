package import MCP
package import Model

/// Why a container is no more.
package enum EndReason: String, Sendable, Hashable {
    /// By itself, with an exit code.
    case exited
    case outOfMemory
    /// By a signal nobody here sent.
    case killed
    /// The Docker Engine went away, and its containers' streams with it.
    case engineGone
}

/// What the broker says: answers, and what happened unasked.
package enum BrokerMessage: Sendable {
    case success(id: Int64, JSONObject)
    case failure(id: Int64, BrokerError)
    /// A container ended that nobody asked to end. Its mounts and doors are gone already.
    case ended(CompartmentID, CompartmentPart, EndReason, exitCode: Int64?)
    case engineGone
    case engineBack

    package var json: JSONValue {
        switch self {
        case .success(let id, let result): ["id": .int(id), "result": .object(result)]
        case .failure(let id, let error):
            [
                "id": .int(id),
                "error": ["code": .string(error.code.description), "message": .string(error.message)],
            ]
        case .ended(let id, let part, let reason, let exitCode):
            [
                "event": "ended", "compartment": .string(id.rawValue), "part": .string(part.rawValue),
                "reason": .string(reason.rawValue), "exitCode": exitCode.map { .int($0) } ?? .null,
            ]
        case .engineGone: ["event": "engineGone"]
        case .engineBack: ["event": "engineBack"]
        }
    }

    package init(_ value: JSONValue) throws(BrokerError) {
        if let id = value["id"]?.intValue {
            if let result = value["result"]?.objectValue {
                self = .success(id: id, result)
                return
            }
            if let code = value["error"]?["code"]?.stringValue, let text = value["error"]?["message"]?.stringValue {
                self = .failure(id: id, BrokerError(.init(code), text))
                return
            }
        }
        switch value["event"]?.stringValue {
        case "engineGone": self = .engineGone
        case "engineBack": self = .engineBack
        case "ended":
            guard let id = value["compartment"]?.stringValue.flatMap({ CompartmentID($0) }),
                let part = value["part"]?.stringValue.flatMap(CompartmentPart.init(rawValue:)),
                let reason = value["reason"]?.stringValue.flatMap(EndReason.init(rawValue:))
            else { throw BrokerError(.invalid, "not a message of the broker") }
            self = .ended(id, part, reason, exitCode: value["exitCode"]?.intValue)
        default: throw BrokerError(.invalid, "not a message of the broker")
        }
    }
}

/// What `hello` answers.
package struct BrokerDescription: Sendable {
    package enum VolumeBinding: String, Sendable {
        /// Into running containers.
        case late
        /// Only when a workspace container is created.
        case atCreation
    }

    package var installation: String
    /// `nil`: no engine answers, `problem` says why.
    package var engine: String?
    package var binding: VolumeBinding
    /// Whether each workspace container has an owner of its own. Without it all run as the volumes' owner.
    package var identityMapped: Bool
    /// Where the harness writes `group` and `global` volumes: `<path>/group/<channel>`, `<path>/global`.
    package var volumeRoot: String
    /// What stands in the way of starting compartments, in words for the operator.
    package var problem: String?

    package init(
        installation: String, engine: String?, binding: VolumeBinding, identityMapped: Bool, volumeRoot: String,
        problem: String?
    ) {
        self.installation = installation
        self.engine = engine
        self.binding = binding
        self.identityMapped = identityMapped
        self.volumeRoot = volumeRoot
        self.problem = problem
    }

    package var json: JSONObject {
        [
            "installation": .string(installation), "engine": engine.map { .string($0) } ?? .null,
            "binding": .string(binding.rawValue), "identityMapped": .bool(identityMapped),
            "volumeRoot": .string(volumeRoot), "problem": problem.map { .string($0) } ?? .null,
        ]
    }

    package init(_ object: JSONObject) throws(BrokerError) {
        guard let installation = object["installation"]?.stringValue,
            let binding = object["binding"]?.stringValue.flatMap(VolumeBinding.init(rawValue:)),
            let identityMapped = object["identityMapped"]?.boolValue,
            let volumeRoot = object["volumeRoot"]?.stringValue
        else { throw BrokerError(.invalid, "not a description of a broker") }
        self.init(
            installation: installation, engine: object["engine"]?.stringValue, binding: binding,
            identityMapped: identityMapped, volumeRoot: volumeRoot, problem: object["problem"]?.stringValue)
    }
}

/// What went wrong with the Docker Engine, in words that say what to do about it.
package struct EngineError: Error, Sendable, CustomStringConvertible {
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        /// Nothing listens on the socket.
        package static let noEngine = Code(description: "noEngine")
        package static let noPermission = Code(description: "noPermission")
        package static let tooOld = Code(description: "tooOld")
        package static let noSuchImage = Code(description: "noSuchImage")
        package static let noSuchContainer = Code(description: "noSuchContainer")
        package static let conflict = Code(description: "conflict")
        /// The engine refused the request itself.
        package static let refused = Code(description: "refused")
        /// The engine failed at it.
        package static let failed = Code(description: "failed")
        package static let timedOut = Code(description: "timedOut")
        /// The engine went away in the middle of an answer.
        package static let disconnected = Code(description: "disconnected")
        /// Not an answer of a Docker Engine, or one beyond its bounds.
        package static let badAnswer = Code(description: "badAnswer")
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

extension EngineError {
    static func unreachable(_ path: String, errno code: CInt) -> EngineError {
        switch code {
        case 13, 1:
            EngineError(
                .noPermission,
                "no permission to use the Docker Engine at \(path): run as root, or as a member of the group that owns it"
            )
        default:
            EngineError(
                .noEngine,
                "no Docker Engine answers at \(path): start it (systemctl start docker, or scripts/engine.sh start)")
        }
    }

    /// An answer with an error status. Engine errors are `{"message": …}`.
    static func status(_ status: UInt, message: String, request: String) -> EngineError {
        let text = message.isEmpty ? "status \(status)" : message
        switch status {
        case 404 where text.contains("No such image"):
            // The engine says the name twice.
            let name = text.split(separator: ": ").last ?? ""
            return EngineError(.noSuchImage, "there is no image \(name): build the images (image/build.sh)")
        case 404: return EngineError(.noSuchContainer, "\(request): \(text)")
        case 409: return EngineError(.conflict, "\(request): \(text)")
        case 400..<500: return EngineError(.refused, "the Docker Engine refuses \(request): \(text)")
        default: return EngineError(.failed, "the Docker Engine failed at \(request): \(text)")
        }
    }
}

package import Model

/// A container ended without being asked to.
package struct CompartmentEnd: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case exited(code: Int64)
        case outOfMemory
        case killed
        case engineGone
    }

    package let part: CompartmentPart
    package let reason: Reason

    package init(part: CompartmentPart, reason: Reason) {
        self.part = part
        self.reason = reason
    }

    /// A sentence for people.
    package var sentence: String {
        let (what, next) =
            switch part {
            case .agent: ("The assistant's container", "The next message starts it afresh.")
            case .workspace: ("The sandbox", "The next command starts a new one.")
            case .errand: ("The command's own sandbox", "It is started anew for each command with secrets.")
            }
        return switch reason {
        case .exited(let code): "\(what) ended by itself (exit code \(code)). \(next)"
        case .outOfMemory: "\(what) ran out of memory and was ended. \(next)"
        case .killed: "\(what) was stopped from outside. \(next)"
        case .engineGone: "The container engine stopped, and with it \(what.prefix(1).lowercased() + what.dropFirst())."
        }
    }
}

/// Why there is no compartment, or none of the use asked for, in words that say what to do.
package struct CompartmentError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// The engine does not answer, or fails.
        case unavailable
        /// As many compartments run as may.
        case limit
        /// What the container says of its volumes is not what was asked.
        case unverified
        case onlyAtCreation
        /// The compartment has ended.
        case ended
        case timedOut
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

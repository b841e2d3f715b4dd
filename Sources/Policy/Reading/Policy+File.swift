internal import Foundation

/// A policy file that cannot be used: where, and what is allowed there.
package struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let line: Int?
    package let message: String

    package var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(message)" }
}

extension Policy {
    package static func load(_ path: String) throws(PolicyError) -> Policy {
        try Policy(yaml: try text(of: path), file: path)
    }

    /// The text of a file that is a good policy.
    package static func checkedText(of path: String) throws(PolicyError) -> String {
        let text = try text(of: path)
        _ = try Policy(yaml: text, file: path)
        return text
    }

    private static func text(of path: String) throws(PolicyError) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw PolicyError(
                file: path, line: nil, message: "the policy cannot be read: \(error.localizedDescription)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw PolicyError(file: path, line: nil, message: "the policy is not valid UTF-8")
        }
        return text
    }
}

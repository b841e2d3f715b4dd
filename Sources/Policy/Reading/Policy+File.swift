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
        return try Policy(yaml: text, file: path)
    }
}

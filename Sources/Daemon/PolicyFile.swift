internal import Foundation
internal import Harness
internal import Policy

/// The operator's policy, or the standard one where there is none.
enum PolicyFile {
    /// An absent file is written with the standard policy, so that what is in force can be read and changed.
    static func open(_ path: String, fallback directory: String) throws -> PolicyStore {
        guard !FileManager.default.fileExists(atPath: path) else { return try PolicyStore(path: path) }
        let standard = directory + "/policy.standard.yaml"
        try Policy.standardText.write(toFile: standard, atomically: true, encoding: .utf8)
        return try PolicyStore(path: standard)
    }
}

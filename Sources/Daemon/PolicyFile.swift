internal import Foundation
internal import Harness
internal import Policy

/// The operator's policy, or the standard one where there is none.
enum PolicyFile {
    /// An absent file is written with the standard policy, so that what is in force can be read and changed.
    static func open(_ path: String, fallback directory: String) throws -> PolicyStore {
        let standard = directory + "/policy.standard.yaml"
        if !FileManager.default.fileExists(atPath: path) {
            try Policy.standardText.write(toFile: standard, atomically: true, encoding: .utf8)
        }
        return try PolicyStore(path: path, standard: standard)
    }
}

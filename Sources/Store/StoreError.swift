import GRDB
import Glibc

/// What the store could not do: a code for programs and a sentence for people. Never carries message text or arguments.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    package struct Code: Hashable, Sendable {
        package let name: String

        package static let notFound = Code(name: "not_found")
        /// The row is not in the state the call needs: taken twice, answered twice, decided already.
        package static let conflict = Code(name: "conflict")
        package static let forbidden = Code(name: "forbidden")
        package static let invalid = Code(name: "invalid")
        package static let full = Code(name: "disk_full")
        package static let readOnly = Code(name: "read_only")
        package static let locked = Code(name: "locked")
        package static let broken = Code(name: "broken")
        package static let newer = Code(name: "newer_database")
        package static let wrongOwner = Code(name: "wrong_owner")
        package static let failed = Code(name: "failed")
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// The same call may succeed later, as it is: the disk was full, say.
    package var mayPass: Bool { [.full, .readOnly, .locked, .failed].contains(code) }

    /// SQLite's result codes in words that say what to do. Statements and their arguments stay out of it.
    init(_ error: any Error, path: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.failed, "The database \(path) could not be used: \(error)")
            return
        }
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL:
            self.init(
                .full, "The disk that holds \(path) is full. Free some space; nothing that was acknowledged is lost.")
        case .SQLITE_READONLY, .SQLITE_PERM:
            self.init(.readOnly, "The database \(path) cannot be written. Make its folder writable for this user.")
        case .SQLITE_CANTOPEN:
            self.init(
                .readOnly, "The database \(path) cannot be opened. Check that its folder exists and is writable.")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.broken, Self.brokenMessage(path: path, finding: error.message ?? "damaged"))
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .locked, "The database \(path) is locked by another program. End that program (sqlite3, a backup?).")
        case .SQLITE_IOERR:
            self.init(.failed, "The disk that holds \(path) reports an error: \(error.message ?? "I/O error").")
        case .SQLITE_CONSTRAINT:
            self.init(.conflict, "The database refused a row: \(error.message ?? "constraint").")
        default:
            self.init(.failed, "The database \(path) could not be used: \(error.message ?? "unknown error").")
        }
    }

    /// For a file operation in the data directory that failed with `code` (an errno).
    package init(path: String, operation: String, errno code: CInt) {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT:
            self.init(.full, "The disk that holds \(path) is full (\(operation): \(reason)). Free some space.")
        case EROFS, EACCES, EPERM:
            self.init(
                .readOnly,
                "\(path) cannot be written (\(operation): \(reason)). Make it writable for this user, or name another "
                    + "data directory.")
        default:
            self.init(.failed, "\(path): \(operation) failed: \(reason).")
        }
    }

    static func brokenMessage(path: String, finding: String) -> String {
        "The database \(path) is damaged (\(finding)). Keep the file, put back a backup, and start again."
    }
}

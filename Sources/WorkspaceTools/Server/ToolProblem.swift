import Glibc

/// Why a tool did not do what it was asked: sentences for the model that say what failed, on what, and what to do.
package struct ToolProblem: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// What the system said about `path`.
    package init(_ error: CInt, _ action: String, _ path: String) {
        description = "Cannot \(action) \(path): \(Self.reason(error))"
    }

    private static func reason(_ error: CInt) -> String {
        switch error {
        case ENOENT: "there is no such file or folder."
        case EACCES, EPERM: "permission denied."
        case EROFS: "this place is read-only. Write below /workspace/thread, /workspace/user or /workspace/session."
        case EXDEV:
            "a link or '..' in this path leads out of the workspace. Use a path that stays below /workspace; links must be "
                + "relative."
        case ELOOP: "there are too many links, or a link that leads nowhere allowed."
        case ENOTDIR: "a part of the path is a file, not a folder."
        case EISDIR: "it is a folder."
        case ENAMETOOLONG: "the name is too long."
        case ENOSPC, EDQUOT: "no space is left. Delete something first."
        case EMFILE, ENFILE: "too many files are open. Try again when other calls are done."
        case EAGAIN: "the system is short of processes or memory. End background processes first."
        case ENOMEM: "no memory is left. End background processes first."
        case ENXIO, ENODEV: "it is a socket or a device, not a file."
        case ETXTBSY: "it is a program that is running."
        default: "\(String(cString: strerror(error))) (\(error))."
        }
    }
}

import Glibc

/// Replaces a file's content in one step: readers see the old or the new, never a part.
enum AtomicFile {
    /// Returns whether the file was there before. Its permissions stay as they were, unless `mode` says otherwise.
    static func replace(
        _ path: String, in workspace: Workspace, with bytes: [UInt8], mode wanted: mode_t? = nil
    ) throws(ToolProblem) -> Bool {
        let (folder, name) = try workspace.openParent(path, "write")
        var present = stat()
        let exists = fstatat(folder.descriptor, name, &present, AT_SYMLINK_NOFOLLOW) == 0
        if exists {
            guard !present.isLink else {
                throw ToolProblem("\(path) is a symbolic link. Write to the file it names, or remove the link first.")
            }
            guard present.isRegular else { throw ToolProblem("\(path) is \(present.kind), not a file.") }
        }
        let temporary = ".bulkhead-\(UInt64.random(in: 0...UInt64.max)).tmp"
        let mode = wanted ?? (exists ? present.st_mode & 0o777 : 0o644)
        let descriptor = openat(
            folder.descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw ToolProblem(errno, "write", path) }
        let file = OpenFile(descriptor)
        do throws(ToolProblem) {
            // The umask holds for a new file only; bits that were there or are asked for are kept whole.
            if exists || wanted != nil { fchmod(descriptor, mode) }
            do throws(ToolProblem) {
                try file.write(bytes)
            } catch {
                throw ToolProblem("\(error.description) \(path) is as it was before.")
            }
            guard renameat(folder.descriptor, temporary, folder.descriptor, name) == 0 else {
                throw ToolProblem(errno, "write", path)
            }
        } catch {
            unlinkat(folder.descriptor, temporary, 0)
            throw error
        }
        return exists
    }
}

internal import Glibc

/// A token or the signing secret in a file that its user alone may read: one line.
package struct SlackSecretFile: Hashable, Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Nil where there is no file, or nothing in it. Throws where it is no plain file, others can read it, or it cannot be read.
    package func read() throws(Failure) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT { return nil }
            if code == ELOOP { throw Failure(description: "\(path) is a link. It has to be a file itself.") }
            throw failure("reading", code)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(description: "\(path) is no plain file.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw Failure(
                description:
                    "Others can read \(path). Run `chmod 600 \(path)`, and have what is in it replaced: it may "
                    + "have been read.")
        }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw failure("reading", errno) }
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first.map { $0.filter { !$0.isWhitespace } } ?? ""
        return line.isEmpty ? nil : line
    }

    /// The token in it; throws where there is none, or what is there has not the form of `kind`. For `SlackClient`, at each call.
    package func token(_ kind: SlackToken.Kind) throws(SlackError) -> SlackToken {
        let text: String?
        do { text = try read() } catch { throw SlackError(.auth, "no_token", method: "token", error.description) }
        guard let text else {
            throw SlackError(
                .auth, "no_token", method: "token", "There is no token in \(path). Run `bulkhead slack connect`.")
        }
        guard let token = SlackToken(text), token.kind == kind else {
            throw SlackError(
                .auth, "no_token", method: "token",
                "What is in \(path) is no token that begins with \(kind.rawValue). Run `bulkhead slack connect`.")
        }
        return token
    }

    /// The signing secret in it; throws, in the same words, where there is none. For `EventDesk`, at each request.
    package func signingSecret() throws(SlackError) -> String {
        let text: String?
        do { text = try read() } catch {
            throw SlackError(.auth, "no_secret", method: "secret", error.description)
        }
        guard let text else {
            throw SlackError(
                .auth, "no_secret", method: "secret",
                "There is no signing secret in \(path). Run `bulkhead slack connect --http`.")
        }
        guard RequestSignature(secrets: [text]) != nil else {
            throw SlackError(
                .auth, "no_secret", method: "secret",
                "What is in \(path) is no signing secret. Run `bulkhead slack connect --http`.")
        }
        return text
    }

    /// Whole or not at all, mode 0600, durable. Whoever owns the folder owns the file, so that root can write it for the service.
    package func write(_ text: String) throws(Failure) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        var about = stat()
        guard stat(folder.isEmpty ? "/" : folder, &about) == 0 else {
            throw failure("looking for the folder of", errno)
        }
        let temporary = path + ".new"
        // What an earlier try left half written.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("writing", errno) }
        defer { close(descriptor) }
        let bytes = Array((text + "\n").utf8)
        let isOwned = geteuid() != 0 || fchown(descriptor, about.st_uid, about.st_gid) == 0
        guard isOwned, fchmod(descriptor, 0o600) == 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fsync(descriptor) == 0, rename(temporary, path) == 0
        else {
            let code = errno
            unlink(temporary)
            throw failure("writing", code)
        }
        let directory = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("writing", errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("writing", errno) }
    }

    private func failure(_ operation: String, _ code: CInt) -> Failure {
        Failure(
            description:
                "\(operation.prefix(1).uppercased() + operation.dropFirst()) \(path) failed: \(String(cString: strerror(code)))."
        )
    }
}

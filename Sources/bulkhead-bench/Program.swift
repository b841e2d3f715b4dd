import Glibc
import MCP

/// A child process, its standard streams ours where asked for.
final class Program: Sendable {
    enum Streams {
        /// A socket pair for input and output.
        case connected
        case discarded
    }

    let pid: pid_t
    /// Our end; -1 where there is none. The program's own.
    let connection: CInt

    init(_ path: String, _ arguments: [String], _ streams: Streams = .discarded, log: String = "/dev/null") throws {
        var pair: [CInt] = [-1, -1]
        if streams == .connected {
            guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
                throw BenchError("no socket pair: \(String(cString: strerror(errno)))")
            }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if streams == .connected {
            posix_spawn_file_actions_adddup2(&actions, pair[1], 0)
            posix_spawn_file_actions_adddup2(&actions, pair[1], 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Threads that run tasks may block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let failure = posix_spawnp(&child, path, &actions, &attributes, &words, environ)
        if pair[1] >= 0 { close(pair[1]) }
        guard failure == 0 else {
            if pair[0] >= 0 { close(pair[0]) }
            throw BenchError("\(path) does not start: \(String(cString: strerror(failure)))")
        }
        pid = child
        connection = pair[0]
    }

    /// Resident memory now, in megabytes.
    var residentMegabytes: Double {
        guard let file = fopen("/proc/\(pid)/status", "re") else { return .nan }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, CInt(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("VmRSS:") else { continue }
            return (Double(text.filter(\.isNumber)) ?? .nan) / 1024
        }
        return .nan
    }

    /// Ends it: with `signal`, and by force after twenty seconds.
    func end(_ signal: CInt = SIGTERM) async {
        kill(pid, signal)
        for attempt in 0... {
            var status: CInt = 0
            if waitpid(pid, &status, WNOHANG) != 0 { return }
            if attempt == 2000 { kill(pid, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Runs a program to its end and returns what it wrote.
    static func output(_ path: String, _ arguments: [String]) async throws -> String {
        let program = try Program(path, arguments, .connected)
        shutdown(program.connection, CInt(SHUT_WR))
        var bytes: [UInt8] = []
        let transport = DescriptorTransport(reading: program.connection, writing: program.connection)
        for try await batch in transport.messages { for line in batch { bytes += line + [10] } }
        await program.end(0)
        return String(decoding: bytes, as: UTF8.self)
    }
}

internal import Audit
internal import BrokerClient
internal import BrokerProtocol
internal import Glibc

/// The broker's file as a witness of the audit.
struct BrokerWitness: AuditWitness {
    let name = "broker"
    let connect: @Sendable () throws -> BrokerClient

    func record(_ checkpoint: AuditCheckpoint) async throws {
        let broker = try connect()
        defer { broker.close() }
        do {
            try await broker.witness(checkpoint.line)
        } catch  where error.code == .limit {
            // One line a second is taken; the last of one daemon and the first of the next may be nearer.
            try await Task.sleep(for: .seconds(1.1))
            try await broker.witness(checkpoint.line)
        }
    }
}

/// What witnesses have, as it is read back.
struct WitnessFile: Sendable {
    let path: String

    /// Of the file's end: each checkpoint speaks for all rows before it.
    private static let longest = 4 << 20

    /// Its checkpoints, in the order they were made; `nil` where there is no such file. Throws where it cannot be read.
    func checkpoints() throws -> [AuditCheckpoint]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw StartError("The witness of the audit, \(path), cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: min(max(0, size), Self.longest))
        let count = pread(file, &bytes, bytes.count, size - bytes.count)
        guard count == bytes.count else {
            throw StartError("The witness of the audit, \(path), cannot be read to its end.")
        }
        return Self.checkpoints(in: bytes)
    }

    /// Lines that are none (the first may be cut) are passed over.
    static func checkpoints(in text: [UInt8]) -> [AuditCheckpoint] {
        text.split(separator: UInt8(ascii: "\n")).compactMap {
            AuditCheckpoint(line: String(decoding: $0, as: UTF8.self))
        }
    }
}

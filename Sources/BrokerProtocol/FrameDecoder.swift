internal import MCP

/// Takes a container's standard output out of the engine's 8-byte headed frames
/// (https://docs.docker.com/reference/api/engine/, "Stream format"); standard error goes to `onDiagnostic`.
package struct FrameDecoder: StreamDecoder {
    private var header: [UInt8] = []
    private var remaining = 0
    private var isOutput = true
    private let onDiagnostic: @Sendable (String) -> Void

    package init(onDiagnostic: @escaping @Sendable (String) -> Void = { _ in }) {
        self.onDiagnostic = onDiagnostic
    }

    package mutating func decode(_ chunk: UnsafeRawBufferPointer, into output: inout [UInt8]) throws {
        var rest = chunk[...]
        while !rest.isEmpty {
            if remaining == 0 {
                let wanted = min(8 - header.count, rest.count)
                header += rest.prefix(wanted)
                rest = rest.dropFirst(wanted)
                guard header.count == 8 else { return }
                guard (1...2).contains(header[0]), header[1...3].allSatisfy({ $0 == 0 }) else {
                    throw BrokerError(.engine, "not a frame of a container's output")
                }
                isOutput = header[0] == 1
                remaining = header[4...].reduce(0) { $0 << 8 | Int($1) }
                header.removeAll(keepingCapacity: true)
                continue
            }
            let piece = rest.prefix(remaining)
            if isOutput {
                output += piece
            } else {
                // Bounded by the chunk; what a container prints there may be anything.
                onDiagnostic(String(decoding: piece, as: UTF8.self))
            }
            remaining -= piece.count
            rest = rest.dropFirst(piece.count)
        }
    }
}

package import NIOCore

/// A piece of output of a container without a terminal: https://docs.docker.com/reference/api/engine/ "Stream format".
package enum ContainerOutput: Sendable, Equatable {
    case standardOutput(ByteBuffer)
    case standardError(ByteBuffer)
}

/// Takes the 8-byte headed frames apart. A frame is handed on as its bytes arrive: its announced size is never allocated.
struct MultiplexedFrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = ContainerOutput
    private var stream: UInt8 = 0
    private var remaining: UInt32 = 0

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let output = try next(&buffer) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(output))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        while let output = try next(&buffer) { context.fireChannelRead(wrapInboundOut(output)) }
        return .needMoreData
    }

    mutating func next(_ buffer: inout ByteBuffer) throws -> ContainerOutput? {
        while remaining == 0 {
            guard let header = buffer.readMultipleIntegers(as: (UInt32, UInt32).self) else { return nil }
            stream = UInt8(header.0 >> 24)
            guard (1...2).contains(stream), header.0 & 0xFF_FFFF == 0 else {
                throw EngineError(.badAnswer, "not a frame of a container's output")
            }
            remaining = header.1
        }
        let count = min(Int(remaining), buffer.readableBytes)
        guard count > 0, let slice = buffer.readSlice(length: count) else { return nil }
        remaining -= UInt32(count)
        return stream == 1 ? .standardOutput(slice) : .standardError(slice)
    }
}

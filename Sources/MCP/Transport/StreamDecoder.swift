/// Takes the wrapping off a byte stream before it is split into messages, such as the frame headers of an attached
/// container. One call per read; a frame may be spread over several.
package protocol StreamDecoder: Sendable {
    mutating func decode(_ chunk: UnsafeRawBufferPointer, into output: inout [UInt8]) throws
}

/// For streams without wrapping.
package struct IdentityDecoder: StreamDecoder {
    package init() {}

    package mutating func decode(_ chunk: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        output.append(contentsOf: chunk)
    }
}

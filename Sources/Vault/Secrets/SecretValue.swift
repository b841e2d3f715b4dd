import Glibc

/// A secret's value in memory: no copy of it is made here, and its bytes are overwritten when the last reference goes.
/// Best effort: what is made of it by those who use it (a request's bytes, a line to a pipe) lives as long as they let it.
/// It cannot be encoded, and prints as «secret».
package final class SecretValue: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    // Written in `init`, only read afterwards, and freed by the last owner.
    nonisolated(unsafe) private let storage: UnsafeMutableRawBufferPointer

    /// `bytes` should be let go of right after: what it was made from is not wiped here.
    package init(_ bytes: some Collection<UInt8>) {
        storage = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        count = bytes.count
        storage.copyBytes(from: bytes)
    }

    deinit {
        Self.wipe(storage)
        storage.deallocate()
    }

    package let count: Int

    /// The bytes, for as long as `body` runs.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(storage)[..<count]))
    }

    /// A copy, for what takes nothing else; `nil` where it is no UTF-8.
    package var text: String? { withBytes { String(validating: $0, as: UTF8.self) } }

    package var description: String { "«secret»" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    static func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let address = buffer.baseAddress else { return }
        // Not `memset`: the compiler may leave that out where nobody reads the memory any more.
        explicit_bzero(address, buffer.count)
    }
}

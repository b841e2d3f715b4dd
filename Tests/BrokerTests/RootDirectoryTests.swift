import Glibc
import Testing

@testable import Broker

@Suite(.serialized) struct RootDirectoryTests {
    /// A service manager's umask (systemd's UMask=0077) must not keep the service user from its socket.
    @Test func whatLeadsThereIsOpenWhateverTheUmask() throws {
        try #require(geteuid() == 0, "directories of root: run as root")
        let top = "/run/bulkhead-test-\(UInt64.random(in: 0...UInt64.max))"
        let before = umask(0o077)
        defer {
            umask(before)
            for path in [top + "/middle/end", top + "/middle", top] { rmdir(path) }
        }
        _ = try RootDirectory.prepare(top + "/middle/end", mode: 0o750)
        func mode(_ path: String) -> mode_t {
            var about = stat()
            return stat(path, &about) == 0 ? about.st_mode & 0o7777 : 0
        }
        #expect(mode(top) == 0o755 && mode(top + "/middle") == 0o755 && mode(top + "/middle/end") == 0o750)
        // What was there before is its owner's to open.
        chmod(top, 0o700)
        _ = try RootDirectory.prepare(top + "/middle/end", mode: 0o755)
        #expect(mode(top) == 0o700)
    }
}

import Foundation
import GRDB
import Glibc
import Model
import Store
import Testing

@Suite struct OpeningTests {
    @Test func commitsAreDurable() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.database.synchronous() == 2)
    }

    @Test func aSecondDaemonIsRefusedUntilTheFirstEnds() async throws {
        let folder = TemporaryFolder()
        let first = try Store.Database(directory: folder.path)
        let error = #expect(throws: StoreError.self) { try Store.Database(directory: folder.path) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(getpid())") == true)
        first.close()
        try Store.Database(directory: folder.path).close()
    }

    @Test func aClosedDatabaseRefusesWrites() async throws {
        let fixture = try await Fixture()
        fixture.database.close()
        #expect(await code { try await fixture.database.setSetting("a", to: "b") } == .failed)
    }

    @Test func garbageIsABrokenDatabase() throws {
        let folder = TemporaryFolder()
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: folder.database))
        let error = #expect(throws: StoreError.self) { try Store.Database(directory: folder.path) }
        #expect(error?.code == .broken)
        #expect(error?.message.contains("damaged") == true)
    }

    @Test func aPageDestroyedInACrashIsFound() async throws {
        let folder = TemporaryFolder()
        let database = try Store.Database(directory: folder.path)
        for number in 0..<200 {
            try await database.setSetting("key \(number)", to: String(repeating: "x", count: 500))
        }
        database.close()
        // As after a crash: the lock file still names the daemon that is gone.
        try Data("123".utf8).write(to: URL(fileURLWithPath: folder.path + "/lock"))
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.database))
        let size = try file.seekToEnd()
        for page in stride(from: 4096 * 20, to: size - 4096, by: 4096) {
            try file.seek(toOffset: page)
            try file.write(contentsOf: Data(repeating: 0xFF, count: 100))
        }
        try file.close()
        let error = #expect(throws: StoreError.self) { try Store.Database(directory: folder.path) }
        #expect(error?.code == .broken)
    }

    @Test func aNewerDatabaseIsLeftAlone() throws {
        let folder = TemporaryFolder()
        try Store.Database(directory: folder.path).close()
        try folder.tamper("INSERT INTO grdb_migrations (identifier) VALUES ('9999-future')")
        let error = #expect(throws: StoreError.self) { try Store.Database(directory: folder.path) }
        #expect(error?.code == .newer)
    }

    @Test func migratesFromEveryEarlierVersion() async throws {
        for version in 0...Migrations.names.count {
            let folder = TemporaryFolder()
            try Migrations.run(upTo: version, at: folder.database)
            let database = try Store.Database(directory: folder.path)
            _ = try await database.findOrCreatePerson(name: "anna")
            database.close()
        }
    }

    @Test func aFullDiskIsSaidAtTheStart() throws {
        let folder = TemporaryFolder()
        let error = #expect(throws: StoreError.self) {
            try Store.Database(directory: folder.path, minimumFreeBytes: .max)
        }
        #expect(error?.code == .full)
        // And does not leave the lock behind.
        try Store.Database(directory: folder.path).close()
    }

    @Test func aFullDiskLosesNothing() async throws {
        let folder = TemporaryFolder()
        let database = try Store.Database(directory: folder.path, maximumPages: 180)
        var stored: [String] = []
        var failure: StoreError?
        while failure == nil, stored.count < 1000 {
            do {
                try await database.setSetting("key \(stored.count)", to: String(repeating: "x", count: 2000))
                stored.append("key \(stored.count)")
            } catch {
                failure = error as? StoreError
            }
        }
        #expect(failure?.code == .full)
        #expect(failure?.message.contains("full") == true)
        #expect(stored.count > 20)
        for key in stored { #expect(try await database.setting(key) != nil) }
        // The writer lives on: what needs no space works.
        try await database.setSetting(stored[0], to: nil)
        #expect(try await database.setting(stored[0]) == nil)
    }

    @Test func nobodyElseReadsTheFiles() async throws {
        let fixture = try await Fixture()
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(files.contains("bulkhead.sqlite-wal"))
        for file in files {
            var information = stat()
            #expect(stat(fixture.folder.path + "/" + file, &information) == 0)
            #expect(information.st_mode & 0o077 == 0, "\(file)")
        }
    }

    @Test func withoutAWitnessNothingStarts() throws {
        let folder = TemporaryFolder()
        // What is written to a pipe has no place.
        #expect(mkfifo(folder.path + "/audit.head", 0o600) == 0)
        let error = #expect(throws: StoreError.self) { try Store.Database(directory: folder.path) }
        #expect(error?.message.contains("audit.head") == true)
    }

    @Test func aForeignDirectoryIsRefused() throws {
        let folder = TemporaryFolder()
        let path = geteuid() == 0 ? folder.path : "/usr"
        if geteuid() == 0 { chown(folder.path, 12345, 12345) }
        let error = #expect(throws: StoreError.self) { try Store.Database(directory: path) }
        #expect(error?.code == .wrongOwner)
    }

    @Test func aDirectoryThatCannotBeWrittenIsNamed() throws {
        // The kernel's own file system refuses new files from everybody, root included.
        let error = #expect(throws: StoreError.self) { try Store.Database(directory: "/proc/bulkhead-data") }
        #expect(error?.message.contains("/proc/bulkhead-data") == true)
        let folder = TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        let notAFolder = #expect(throws: StoreError.self) { try Store.Database(directory: folder.path + "/file") }
        #expect(notAFolder?.code == .invalid)
    }
}

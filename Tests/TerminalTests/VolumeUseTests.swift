import Foundation
import Glibc
import Testing

@testable import Terminal

@Suite struct VolumeUseTests {
    private func withVolumes(_ body: (String) throws -> Void) throws {
        let root = NSTemporaryDirectory() + "volumes-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        for path in ["user/anna/deep/deeper", "user/ben", "thread/t1", "global"] {
            try FileManager.default.createDirectory(atPath: root + "/" + path, withIntermediateDirectories: true)
        }
        try body(root)
    }

    private func write(_ path: String, _ bytes: Int) throws {
        try Data(repeating: 1, count: bytes).write(to: URL(filePath: path))
    }

    @Test func theLargestComesFirstAndNothingIsCountedTwiceOrElsewhere() throws {
        try withVolumes { root in
            try write(root + "/user/anna/deep/deeper/a", 3 << 20)
            #expect(link(root + "/user/anna/deep/deeper/a", root + "/user/anna/again") == 0)
            try write(root + "/thread/t1/b", 1 << 20)
            try write(root + "/global/c", 2 << 20)
            // A way out of it, planted.
            #expect(symlink("/usr", root + "/user/ben/usr") == 0)
            #expect(symlink(root + "/user/anna", root + "/user/linked") == 0)
            let found = VolumeUse.all(below: root)
            #expect(found.map(\.name) == ["user/anna", "global", "thread/t1", "user/ben"])
            #expect((3 << 20...3 << 20 + 1 << 17).contains(found[0].bytes) && found[0].files == 3)
            #expect(found[3].bytes < 1 << 17 && found[3].files == 1)
            #expect(!found.contains { $0.isPartial })
        }
    }

    @Test func aNameThatIsNoTextCountsToo() throws {
        try withVolumes { root in
            let path = (Array((root + "/user/ben/").utf8) + [0xFF, 0xFE, 0]).map { CChar(bitPattern: $0) }
            let file = open(path, O_WRONLY | O_CREAT, 0o600)
            #expect(file >= 0)
            _ = Data(repeating: 1, count: 1 << 20).withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            close(file)
            #expect(VolumeUse.all(below: root).first.map { $0.name == "user/ben" && $0.bytes >= 1 << 20 } == true)
        }
    }

    /// Made to hold up whoever looks: folders within folders, and more files than anybody waits for.
    @Test func depthAndNumberHaveAnEndAndItIsSaid() throws {
        try withVolumes { root in
            try write(root + "/user/anna/deep/deeper/a", 1 << 20)
            let shallow = VolumeUse.all(below: root, depth: 1)
            #expect(shallow.first { $0.name == "user/anna" }?.isPartial == true)
            #expect(shallow.first { $0.name == "user/ben" }?.isPartial == false)
            for number in 0..<50 { try write(root + "/user/ben/\(number)", 1) }
            let few = VolumeUse.all(below: root, entries: 20)
            #expect(few.reduce(0) { $0 + $1.files } <= 20 && few.contains { $0.isPartial })
        }
    }
}

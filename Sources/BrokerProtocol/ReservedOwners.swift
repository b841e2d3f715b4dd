internal import Glibc

/// The uids (and gids of the same numbers) that are kept for compartments: nobody else may have one, or a process in a
/// sandbox would be somebody on the host.
package struct ReservedOwners: Sendable {
    package let range: Range<UInt32>

    package init(first: UInt32, count: UInt32) {
        range = first..<first + count
    }

    /// Who has one all the same, a sentence each: entries of the system's users and groups, ranges that are handed out to
    /// others' containers (subuid(5), subgid(5)). Empty where all is well.
    package func collisions() -> [String] {
        collisions(
            passwd: Self.text("/etc/passwd"), group: Self.text("/etc/group"), subuid: Self.text("/etc/subuid"),
            subgid: Self.text("/etc/subgid"))
            // Users of a directory service stand in no file.
            + sample.compactMap { number in
                Self.user(number).map { "uid \(number) is the user \($0)'s" }
                    ?? Self.group(number).map { "gid \(number) is the group \($0)'s" }
            }
    }

    package func collisions(passwd: String, group: String, subuid: String, subgid: String) -> [String] {
        var found: [String] = []
        for fields in Self.lines(passwd) where fields.count > 3 {
            if let number = UInt32(fields[2]), range.contains(number) {
                found.append("uid \(number) is the user \(fields[0])'s (/etc/passwd)")
            } else if let number = UInt32(fields[3]), range.contains(number) {
                found.append("gid \(number) is the group of the user \(fields[0]) (/etc/passwd)")
            }
        }
        for fields in Self.lines(group) where fields.count > 2 {
            guard let number = UInt32(fields[2]), range.contains(number) else { continue }
            found.append("gid \(number) is the group \(fields[0])'s (/etc/group)")
        }
        for (file, text) in [("/etc/subuid", subuid), ("/etc/subgid", subgid)] {
            for fields in Self.lines(text) where fields.count > 2 {
                guard let first = UInt64(fields[1]), let count = UInt64(fields[2]), count > 0 else { continue }
                let end = first.addingReportingOverflow(count)
                guard first < UInt64(range.upperBound), end.overflow || end.partialValue > UInt64(range.lowerBound)
                else { continue }
                found.append("\(first) and the \(count - 1) after it are handed out to \(fields[0]) (\(file))")
            }
        }
        return found
    }

    /// All of a small range, of a large one 256 spread over it: a look-up may go over the network.
    private var sample: [UInt32] {
        let step = max(1, range.count / 256)
        return stride(from: 0, to: range.count, by: step).map { range.lowerBound + UInt32($0) }
    }

    private static func lines(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: ":", omittingEmptySubsequences: false) }
    }

    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < 64 << 20 {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func user(_ number: uid_t) -> String? {
        var record = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(number, &record, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
        return String(cString: record.pw_name)
    }

    private static func group(_ number: gid_t) -> String? {
        var record = Glibc.group()
        var result: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        guard getgrgid_r(number, &record, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
        return String(cString: record.gr_name)
    }
}

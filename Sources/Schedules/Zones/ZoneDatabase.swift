internal import Foundation
internal import Synchronization

/// The folder of compiled time zone files. What was read is kept, and read again where the file has been replaced.
final class ZoneDatabase: Sendable {
    static let system = ZoneDatabase(folder: "/usr/share/zoneinfo")

    private struct Entry {
        var stamp: [Int]
        var rules: ZoneRules
    }

    private let folder: String
    private let known = Mutex<[String: Entry]>([:])

    init(folder: String) {
        self.folder = folder
    }

    /// - Throws: `ScheduleError` for a name the folder has no zone for.
    func rules(of name: String) throws(ScheduleError) -> ZoneRules {
        if name == "UTC" { return .utc }
        guard Self.isName(name) else { throw refusal(name) }
        let path = folder + "/" + name
        guard let stamp = Self.stamp(of: path) else { throw refusal(name) }
        if let entry = known.withLock({ $0[name] }), entry.stamp == stamp { return entry.rules }
        guard let bytes = FileManager.default.contents(atPath: path), bytes.starts(with: Array("TZif".utf8)) else {
            throw refusal(name)
        }
        let rules: ZoneRules
        do {
            rules = try TimeZoneFile(Array(bytes)).rules
        } catch {
            throw ScheduleError("the time zone \(name) cannot be read: \(path) is \(error.message)")
        }
        known.withLock { $0[name] = Entry(stamp: stamp, rules: rules) }
        return rules
    }

    /// `Area/Location`, nothing that leads out of the folder. The folder's second copies of everything (`posix/`, `right/`)
    /// and its aliases for this host are no zones.
    static func isName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count) else { return false }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !["posix", "right", "localtime", "posixrules", "Factory"].contains(parts[0]) else { return false }
        return parts.allSatisfy { part in
            guard let first = part.utf8.first, first.isLetter else { return false }
            return part.utf8.allSatisfy { $0.isLetter || $0.isDigit || "+-_".utf8.contains($0) }
        }
    }

    /// Tells a file from the one that replaces it.
    private static func stamp(of path: String) -> [Int]? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < TimeZoneFile.largestSize
        else { return nil }
        return [Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }

    private func refusal(_ name: String) -> ScheduleError {
        guard FileManager.default.fileExists(atPath: folder) else {
            return ScheduleError("\(folder) is missing: install the tzdata package. Without it only UTC is known.")
        }
        let words = name.replacing(" ", with: "_")
        let names = Self.isName(words) ? spelledOtherwise(words) : []
        let hint = names.first.map { " Did you mean \($0)?" } ?? ""
        return ScheduleError(
            "there is no time zone \(ScheduleError.quoted(name)): a zone is named Area/City, such as Europe/Berlin, or UTC.\(hint)"
        )
    }

    /// Names that differ in case alone, or of which only the city was given.
    private func spelledOtherwise(_ name: String) -> [String] {
        let wanted = name.lowercased()
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return all.filter { candidate in
            guard Self.isName(candidate) else { return false }
            let lower = candidate.lowercased()
            return lower == wanted || lower.hasSuffix("/" + wanted)
        }.sorted()
    }
}

extension UInt8 {
    var isLetter: Bool { (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z") }
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}

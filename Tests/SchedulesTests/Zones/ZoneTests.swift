import Foundation
import Model
import Testing

@testable import Schedules

@Suite struct ZoneTests {
    @Test(arguments: [
        "", "Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "Europe/../Europe/Berlin", "Europe", "posix/UTC",
        "right/UTC", "localtime", "zone.tab", "tzdata.zi", "Europe/Berlin\0", "Europe/Berlin/", "GMT+25", "5",
        String(repeating: "A", count: 1000), "leap-seconds.list", "posixrules", ".", "Europe//Berlin",
    ])
    func whatIsNoZoneIsRefused(name: String) {
        let error = #expect(throws: ScheduleError.self) { try Zone(name) }
        #expect(error?.message.contains("Europe/Berlin, or UTC") == true)
    }

    @Test func aNameThatIsNearlyOneIsGuessed() {
        for (name, meant) in [
            ("europe/berlin", "Europe/Berlin"), ("berlin", "Europe/Berlin"), ("New York", "America/New_York"),
        ] {
            let error = #expect(throws: ScheduleError.self) { try Zone(name) }
            #expect(error?.message.contains("Did you mean \(meant)?") == true, "\(error?.message ?? "")")
        }
    }

    /// Every zone of the system is read, and says of every month of 60 years what the C library says.
    @Test func everyZoneIsAsTheSystemSays() throws {
        let folder = "/usr/share/zoneinfo"
        let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).filter {
            ZoneDatabase.isName($0)
                && FileManager.default.contents(atPath: "\(folder)/\($0)")?.starts(with: Array("TZif".utf8)) == true
        }
        #expect(names.count > 400)
        let moments = stride(from: -500_000_000, to: 2_800_000_000, by: 3_456_789)
        for name in names {
            let zone = try Zone(name)
            let system = try SystemClock(name)
            for moment in moments {
                #expect(zone.rules.offset(at: moment) == system.offset(at: moment), "\(name) at \(moment)")
            }
        }
    }

    @Test func whatTheClocksShowIsFoundAgain() throws {
        for name in ["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "Africa/Casablanca"] {
            let rules = try Zone(name).rules
            for moment in stride(from: 0, to: 2_500_000_000, by: 86_400 * 3 + 1800) {
                let shown = moment + rules.offset(at: moment)
                let first = rules.firstMoment(showing: shown)
                #expect(first <= moment && first + rules.offset(at: first) == shown, "\(name) at \(moment)")
            }
        }
    }

    @Test func aReplacedFileIsReadAgain() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "zones-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = ZoneDatabase(folder: folder.path)
        func install(_ name: String) throws {
            let file = folder.appending(path: "Town")
            try? FileManager.default.removeItem(at: file)
            try FileManager.default.copyItem(atPath: "/usr/share/zoneinfo/\(name)", toPath: file.path)
        }
        try install("Asia/Tokyo")
        #expect(try database.rules(of: "Town").offset(at: 1_700_000_000) == 32_400)
        try install("Asia/Kathmandu")
        #expect(try database.rules(of: "Town").offset(at: 1_700_000_000) == 20_700)
        try Data("TZif2 and no more".utf8).write(to: folder.appending(path: "Town"))
        let error = #expect(throws: ScheduleError.self) { try database.rules(of: "Town") }
        #expect(error?.message.contains("cannot be read") == true)
        let missing = #expect(throws: ScheduleError.self) { try ZoneDatabase(folder: "/nowhere").rules(of: "Town") }
        #expect(missing?.message.contains("install the tzdata package") == true)
    }

    /// Bytes of a real file, some of them changed, or cut off: read or refused, never worse.
    @Test func brokenFilesDoNoHarm() throws {
        let whole = try [UInt8](Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")))
        for length in stride(from: 0, to: whole.count, by: 7) {
            _ = try? TimeZoneFile(Array(whole.prefix(length)))
        }
        var random = SeededGenerator(seed: 3)
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<min(bytes.count, 2500), using: &random)] = .random(in: 0...255, using: &random)
            }
            if let rules = try? TimeZoneFile(bytes).rules { _ = rules.firstMoment(showing: 1_700_000_000) }
        }
    }

    @Test(arguments: [
        "", "X", "CET", "CET-25", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J365", "CET-1CEST,366,1", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/168", "<CET-1",
        "CET-1CEST,M3.5.0,M10.5.0 ", "CET--1", "CET-1:60",
    ])
    func aRuleThatMakesNoSenseIsRefused(text: String) {
        #expect(throws: ScheduleError.self) { try POSIXZone(text) }
    }

    @Test func rulesOfEveryForm() throws {
        func changes(_ text: String, _ year: Int) throws -> [String] {
            try POSIXZone(text).transitions(years: year...year).map {
                RFC3339.string(Timestamp(seconds: $0.start), in: .utc)
            }
        }
        #expect(
            try changes("CET-1CEST,M3.5.0,M10.5.0/3", 2026)
                == ["2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"])
        #expect(
            try changes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026)
                == ["2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"])
        #expect(
            try changes("XXX0YYY,J60/0,J300/0", 2028) == ["2028-03-01T00:00:00+00:00", "2028-10-26T23:00:00+00:00"])
        #expect(
            try changes("XXX0YYY,59/0,299/0", 2028) == ["2028-02-29T00:00:00+00:00", "2028-10-25T23:00:00+00:00"])
        #expect(try POSIXZone("IST-1GMT0,M10.5.0,M3.5.0/1").summer?.offset == 0)
        #expect(try changes("<+0545>-5:45", 2026) == [])
    }

    @Test func theHostsZone() throws {
        #expect(Zone.ofHost(environment: ["TZ": "Asia/Tokyo"]).name == "Asia/Tokyo")
        #expect(Zone.ofHost(environment: ["TZ": ":Asia/Tokyo"]).name == "Asia/Tokyo")
        // A name that makes no sense is passed over, as the C library does.
        _ = Zone.ofHost(environment: ["TZ": "Nowhere/At_All"])
    }
}

/// What the C library makes of a zone, asked in a process-wide way: `TZ` is set for each question.
private struct SystemClock {
    private let name: String

    init(_ name: String) throws {
        self.name = name
        setenv("TZ", ":" + name, 1)
        tzset()
    }

    func offset(at moment: Int) -> Int {
        var time = time_t(moment)
        var parts = tm()
        localtime_r(&time, &parts)
        return parts.tm_gmtoff
    }
}

import Testing

@testable import Settings

@Suite struct UnitTests {
    @Test(arguments: [
        ("30s", Duration.seconds(30)), ("5m", .seconds(300)), ("500ms", .milliseconds(500)), ("2h", .seconds(7200)),
        ("1d", .seconds(86_400)), ("10 s", .seconds(10)),
    ])
    func durationsAreRead(text: String, value: Duration) { #expect(DurationText.parse(text) == value) }

    @Test(arguments: [
        "", "5", "s", "-5s", "1.5h", "5 minutes", "9999999999999999999s", "9223372036854775807d", "٣s", "0x5s",
    ])
    func otherDurationsAreNot(text: String) { #expect(DurationText.parse(text) == nil) }

    @Test(arguments: [("512MiB", 512 << 20), ("1GiB", 1 << 30), ("64 KiB", 64 << 10), ("7B", 7)])
    func sizesAreRead(text: String, value: Int) { #expect(ByteSize.parse(text) == value) }

    @Test(arguments: ["", "5", "MiB", "5MB", "5mib", "-1B", "9223372036854775807GiB", "1.5GiB"])
    func otherSizesAreNot(text: String) { #expect(ByteSize.parse(text) == nil) }

    @Test func whatIsShownCanBeReadBack() {
        for duration in [Duration.zero, .milliseconds(1), .seconds(90), .seconds(3600), .seconds(86_400)] {
            #expect(DurationText.parse(DurationText.text(duration)) == duration)
        }
        for size in [0, 1, 1000, 1024, 5 << 20, 3 << 30] { #expect(ByteSize.parse(ByteSize.text(size)) == size) }
    }
}

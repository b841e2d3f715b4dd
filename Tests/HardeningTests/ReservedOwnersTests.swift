import BrokerProtocol
import Testing

@Suite struct ReservedOwnersTests {
    private let owners = ReservedOwners(first: 1_500_000_000, count: 100)

    private func found(passwd: String = "", group: String = "", subuid: String = "", subgid: String = "") -> [String] {
        owners.collisions(passwd: passwd, group: group, subuid: subuid, subgid: subgid)
    }

    @Test func aRangeNobodyHasIsFine() {
        #expect(
            found(
                passwd:
                    "root:x:0:0:root:/root:/bin/bash\nx:x:1499999999:1500000100::/:/bin/sh\n# c:x:1500000001:0\nbad\n",
                group: "root:x:0:\ny:x:1500000100:\n", subuid: "x:100000:65536\nz:1499934464:65536\n",
                subgid: "x:1500000100:65536\n"
            ).isEmpty)
        #expect(owners.collisions().isEmpty)
    }

    @Test(arguments: [
        ("a:x:1500000000:0::/:/bin/sh", "", "", "", "uid 1500000000 is the user a's"),
        ("a:x:1500000099:0::/:/bin/sh", "", "", "", "uid 1500000099 is the user a's"),
        ("a:x:1000:1500000050::/:/bin/sh", "", "", "", "gid 1500000050 is the group of the user a"),
        ("", "g:x:1500000007:", "", "", "gid 1500000007 is the group g's"),
        ("", "", "a:1499934465:65536", "", "handed out to a (/etc/subuid)"),
        ("", "", "", "a:1500000099:1", "handed out to a (/etc/subgid)"),
        ("", "", "a:1:18446744073709551615", "", "handed out to a (/etc/subuid)"),
    ])
    func whoeverElseHasOneIsNamed(passwd: String, group: String, subuid: String, subgid: String, words: String) {
        let found = found(passwd: passwd, group: group, subuid: subuid, subgid: subgid)
        #expect(found.count == 1 && found.first?.contains(words) == true, "\(found)")
    }

    /// Who stands in no file we read, but is known to the system: root here is.
    @Test func usersTheSystemKnowsAreFoundByTheirNumber() {
        #expect(ReservedOwners(first: 0, count: 3).collisions().contains { $0.contains("root") })
    }
}

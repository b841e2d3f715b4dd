import Broker
import BrokerProtocol
import Glibc
import MCP
import Testing

struct ConfigurationTests {
    static func json(
        name: String = "main", serviceUID: UInt32 = 64_000, engine: String = "/var/run/docker.sock",
        witness: String? = nil
    ) -> JSONObject {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        var object: JSONObject = [
            "installation": .string(name), "run": .string("/run/bulkhead-test/\(name)"),
            "volumes": .string("/var/lib/bulkhead-test/\(name)"), "engine": .string(engine),
            "service": ["uid": .int(Int64(serviceUID)), "gid": .int(Int64(serviceUID))],
            "owners": ["first": 900_000_000, "count": 100], "compartments": 20,
        ]
        object["witness"] = witness.map { .string($0) }
        for part in ["agent", "workspace"] {
            object[part] = [
                "image": .string("bulkhead-\(part):test"), "seccomp": .string("\(root)/image/seccomp/\(part).json"),
            ]
        }
        return object
    }

    @Test func aWholeConfigurationIsTaken() throws {
        let configuration = try BrokerConfiguration(Self.json())
        #expect(configuration.socketPath == "/run/bulkhead-test/main/broker.sock")
        #expect(configuration.workspace.memoryBytes > 0)
    }

    @Test(arguments: ["installation", "run", "volumes", "engine", "service", "owners", "compartments", "agent"])
    func nothingMayBeMissing(key: String) {
        var object = Self.json()
        object[key] = nil
        #expect(throws: BrokerError.self) { try BrokerConfiguration(object) }
    }

    @Test(
        arguments: [
            ("extra", 1), ("installation", "Main"), ("installation", "a/b"), ("installation", ""), ("run", "relative"),
            ("run", "/run/../etc"), ("run", "/run//x"), ("run", "/a:b"), ("run", "/a,b"), ("run", "/a b"), ("run", "/"),
            ("volumes", "/v/"), ("witness", "relative"), ("witness", 5), ("engine", 7), ("compartments", 0),
            ("compartments", 50),
            ("owners", ["first": 0, "count": 100]), ("owners", ["first": 900_000_000, "count": 100, "x": 1]),
            ("service", ["uid": 900_000_001, "gid": 1]),
            ("service", ["uid": 1, "gid": 900_000_099]), ("service", ["uid": -1, "gid": 1]),
        ] as [(String, JSONValue)])
    func badValuesAreRefused(key: String, value: JSONValue) {
        var object = Self.json()
        object[key] = value
        #expect(throws: BrokerError.self) { try BrokerConfiguration(object) }
    }

    /// A hook's user is nobody else's: neither root nor the harness nor a compartment's.
    @Test(arguments: [
        (0, 70_000), (70_000, 0), (64_000, 70_000), (70_000, 64_000), (900_000_000, 70_000), (70_000, 900_000_099),
    ])
    func aHookRunsAsAUserOfItsOwn(uid: Int64, gid: Int64) throws {
        func configuration(_ uid: Int64, _ gid: Int64, path: String = "/opt/hooks/a") throws -> BrokerConfiguration {
            var object = Self.json()
            object["hooks"] = [["name": "a", "path": .string(path), "uid": .int(uid), "gid": .int(gid)]]
            return try BrokerConfiguration(object)
        }
        #expect(try configuration(70_000, 70_000).hooks.count == 1)
        #expect(throws: BrokerError.self) { try configuration(uid, gid) }
        for path in ["hooks/a", "/opt/../a", "/opt/a b", "/opt//a", ""] {
            #expect(throws: BrokerError.self) { try configuration(70_000, 70_000, path: path) }
        }
    }

    @Test func aHooksEntryIsReadStrictly() throws {
        let good: JSONObject = ["name": "a", "path": "/opt/a", "uid": 70_000, "gid": 70_000]
        for (key, value) in [("name", "../a"), ("name", "A"), ("extra", 1), ("uid", "root")] as [(String, JSONValue)] {
            var (object, hook) = (Self.json(), good)
            hook[key] = value
            object["hooks"] = [.object(hook)]
            #expect(throws: BrokerError.self) { try BrokerConfiguration(object) }
        }
        var object = Self.json()
        object["hooks"] = [.object(good), .object(good)]
        #expect(throws: BrokerError.self) { try BrokerConfiguration(object) }
    }

    @Test func aFileThatOthersCanWriteIsRefused() throws {
        try #require(geteuid() == 0)
        let path = "/tmp/bulkhead-broker-\(UInt64.random(in: 0...UInt64.max)).json"
        defer { unlink(path) }
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        let bytes = Self.json().serialized()
        #expect(write(file, bytes, bytes.count) == bytes.count)
        close(file)
        _ = try BrokerConfiguration.load(path)
        chmod(path, 0o664)
        #expect(throws: BrokerError.self) { try BrokerConfiguration.load(path) }
        chmod(path, 0o600)
        chown(path, 64_000, 0)
        #expect(throws: BrokerError.self) { try BrokerConfiguration.load(path) }
    }
}

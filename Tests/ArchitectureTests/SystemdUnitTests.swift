import Foundation
import Testing

/// The units in `packaging/systemd`, read by systemd itself, off line, in a root of the test's own.
@Suite struct SystemdUnitTests {
    private static let folder = Repository.root.appending(path: "packaging/systemd")

    private static func unit(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private static func values(_ key: String, _ unit: String) -> [String] {
        unit.split(separator: "\n").filter { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }

    /// A root with the units, programs that are none, and the system's own units.
    private static func withRoot(_ change: (String) throws -> Void = { _ in }, _ body: (String) throws -> Void) throws {
        let root = NSTemporaryDirectory() + "units-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        let made = try run(
            """
            set -e
            mkdir -p \(root)/etc/systemd/system \(root)/opt/bulkhead/bin \(root)/bin \(root)/usr/lib/systemd
            cp -r /usr/lib/systemd/system \(root)/usr/lib/systemd/
            cp \(folder.path)/* \(root)/etc/systemd/system/
            for f in opt/bulkhead/bin/bulkhead opt/bulkhead/bin/bulkhead-broker bin/kill bin/dockerd; do
                printf '#!/bin/sh\\n' > \(root)/$f; chmod 755 \(root)/$f; done
            printf '[Service]\\nExecStart=/bin/dockerd\\n' > \(root)/etc/systemd/system/docker.service
            """)
        try #require(made.status == 0, "\(made.output)")
        try change(root)
        try body(root)
    }

    private static func run(_ script: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    private static let names = "bulkhead.service bulkhead-broker.service var-lib-bulkhead-volumes.mount"

    private static func verify(_ root: String) throws -> (status: Int32, output: String) {
        try run("systemd-analyze verify --root=\(root) \(names)")
    }

    @Test func systemdTakesEveryLine() throws {
        try Self.withRoot { root in
            let result = try Self.verify(root)
            #expect(result.status == 0 && result.output.isEmpty, "\(result)")
        }
        // The control: it would have said so.
        try Self.withRoot { root in
            let path = root + "/etc/systemd/system/bulkhead.service"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacingOccurrences(of: "ProtectSystem=strict", with: "ProtectSistem=strict\nPrivateTmp=perhaps")
                .write(toFile: path, atomically: true, encoding: .utf8)
        } _: { root in
            let result = try Self.verify(root)
            #expect(result.output.contains("ProtectSistem") && result.output.contains("perhaps"), "\(result)")
        }
    }

    /// systemd's own measure, from 0 (nothing is open) to 100.
    @Test(arguments: [("bulkhead.service", 20), ("bulkhead-broker.service", 60)])
    func whatIsLeftOpenStaysBelowAMark(unit: String, mark: Int) throws {
        try Self.withRoot { root in
            func isBelow(_ mark: Int) throws -> Bool {
                try Self.run(
                    "systemd-analyze security --offline=true --no-pager --root=\(root) --threshold=\(mark) \(unit)"
                ).status == 0
            }
            let report = try Self.run("systemd-analyze security --offline=true --no-pager --root=\(root) \(unit)")
            let (isBelowMark, isBelowOne) = (try isBelow(mark), try isBelow(1))
            #expect(isBelowMark, "\(report.output)")
            #expect(!isBelowOne, "the measure measures nothing")
        }
    }

    /// Options that make a mount namespace: volumes would not reach running containers.
    @Test func theBrokerHasNoMountNamespaceOfItsOwn() throws {
        let keys = try Self.unit("bulkhead-broker.service").split(separator: "\n")
            .compactMap { line in line.firstIndex(of: "=").map { String(line[..<$0]) } }
        let namespaced = [
            "PrivateTmp", "PrivateDevices", "PrivateMounts", "PrivateNetwork", "PrivateIPC", "PrivateUsers",
            "ProtectSystem", "ProtectHome", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs",
            "ProtectControlGroups", "ProtectProc", "ProcSubset", "ProtectHostname", "ReadWritePaths", "ReadOnlyPaths",
            "InaccessiblePaths", "ExecPaths", "NoExecPaths", "BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem",
            "MountFlags", "RootDirectory", "RootImage", "MountAPIVFS", "DynamicUser", "LoadCredential",
            "StateDirectory", "LogNamespace", "MountImages", "ExtensionImages",
        ]
        #expect(Set(keys).isDisjoint(with: namespaced), "\(Set(keys).intersection(namespaced))")
        #expect(keys.contains("CapabilityBoundingSet") && keys.contains("SystemCallFilter"))
    }

    @Test func theDaemonIsNobodyAndHasNothing() throws {
        let unit = try Self.unit("bulkhead.service")
        #expect(Self.values("User", unit) == ["bulkhead"] && Self.values("CapabilityBoundingSet", unit) == [""])
        for (key, value) in [
            "NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateDevices": "yes", "ProtectHome": "yes",
            "LimitCORE": "0", "MemoryDenyWriteExecute": "yes", "RestrictNamespaces": "yes",
        ] {
            #expect(Self.values(key, unit) == [value], "\(key)")
        }
        #expect(Self.values("InaccessiblePaths", unit).first?.contains("/run/docker.sock") == true)
        // The vault's key comes by a credential, never by the environment.
        #expect(Self.values("LoadCredential", unit).count == 1)
        #expect(Self.values("Environment", unit).isEmpty && Self.values("EnvironmentFile", unit).isEmpty)
    }

    @Test func theVolumesAreMountedWithoutDevicesAndSetuid() throws {
        let unit = try Self.unit("var-lib-bulkhead-volumes.mount")
        let options = Set(Self.values("Options", unit).first?.split(separator: ",").map(String.init) ?? [])
        #expect(options.isSuperset(of: ["nosuid", "nodev", "loop"]))
    }
}

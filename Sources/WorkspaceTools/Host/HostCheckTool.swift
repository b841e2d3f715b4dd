import Glibc
package import MCP

/// For the harness: whether the volumes are mounted as they should be, seen from inside, before anything uses them.
package struct HostCheckTool: WorkspaceTool {
    package init() {}

    package var tool: Tool {
        Tool(
            name: "host_check", description: "For the harness only: verifies mounts from inside the container.",
            inputSchema: Schema.object(
                [
                    "mounts": [
                        "type": "array",
                        "items": Schema.object(
                            [
                                "path": Schema.string("The mount point."),
                                "access": Schema.choice(["ro", "rw"], "As it should be."),
                            ], required: ["path", "access"]),
                    ],
                    "flags": [
                        "type": "boolean",
                        "description":
                            "Whether nosuid and nodev have to be there (default). Not so where the engine makes the mounts.",
                    ],
                ], required: ["mounts"]), annotations: Annotations.reads)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let asked = try Arguments(arguments, allowed: ["mounts", "flags"])
        let wanted = try asked.array("mounts")
        let flags = arguments["flags"]?.boolValue == false ? [] : ["nosuid", "nodev"]
        let table = try MountTable.current()
        var problems: [String] = []
        for mount in wanted {
            let mount = try Arguments(mount.objectValue ?? JSONObject(), allowed: ["path", "access"])
            let path = try mount.string("path")
            let isWritable = try mount.choice("access", of: ["ro", "rw"]) == "rw"
            problems += Self.problems(path, isWritable: isWritable, flags: flags, table).map { "\(path): \($0)" }
        }
        guard problems.isEmpty else { return .failure(problems.joined(separator: "\n")) }
        return .structured(["mounts": .int(Int64(wanted.count))])
    }

    package static func problems(
        _ path: String, isWritable: Bool, flags: [String] = ["nosuid", "nodev"], _ table: MountTable
    ) -> [String] {
        guard let mount = table.mount(at: path) else { return ["nothing is mounted here"] }
        var problems: [String] = []
        for option in flags + [isWritable ? "rw" : "ro"] where !mount.options.contains(option) {
            problems.append("is mounted without \(option)")
        }
        // The options could be another mount's than the one that shows: only trying tells.
        let error = probe(path)
        switch (isWritable, error) {
        case (true, 0), (false, EROFS), (false, EACCES), (false, EPERM): break
        case (true, _): problems.append("is not writable (\(String(cString: strerror(error))))")
        case (false, 0): problems.append("is writable")
        case (false, _): problems.append("could not be tried (\(String(cString: strerror(error))))")
        }
        return problems
    }

    /// The error of making a file there; 0 where that worked (it is removed again).
    private static func probe(_ path: String) -> CInt {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return errno }
        defer { close(folder) }
        let name = ".bulkhead-probe-\(UInt64.random(in: 0...UInt64.max))"
        let file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return errno }
        close(file)
        unlinkat(folder, name, 0)
        return 0
    }
}

internal import Glibc
package import MCP

/// `bulkhead surface`: all there is to attack, and what changed between two prints of it.
package enum SurfaceReport {
    package static func show(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            let surface = try await APIClient.with(socketPath: location.consoleSocket) { try await $0.surface() }
            if json {
                CommandResult.printJSON(sorted(surface), pretty: true)
            } else {
                TerminalDevice.print(lines(sorted(surface)), to: STDOUT_FILENO)
            }
            return 0
        }
    }

    /// 1 where they differ, as `diff` has it.
    package static func diff(_ old: String, _ new: String, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            guard let diff = SurfaceDiff(from: try document(old), to: try document(new)) else {
                throw TerminalError(
                    .usage, "\(old) and \(new) are not two prints of `bulkhead surface --json` of the same version.")
            }
            if json {
                CommandResult.printJSON(["changes": .array(diff.changes.map(Self.json))])
            } else if diff.changes.isEmpty {
                TerminalDevice.print([StyledLine("The same.", .dim)], to: STDOUT_FILENO)
            } else {
                TerminalDevice.print(diff.changes.map(line), to: STDOUT_FILENO)
            }
            return diff.changes.isEmpty ? 0 : 1
        }
    }

    /// Members by name, so that the same surface is the same text.
    package static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            .object(JSONObject(object.keys.sorted().compactMap { key in object[key].map { (key, sorted($0)) } }))
        case .array(let list): .array(list.map(sorted))
        default: value
        }
    }

    package static func lines(_ surface: JSONValue) -> [StyledLine] {
        guard let object = surface.objectValue else { return [] }
        return object.keys.flatMap { key -> [StyledLine] in
            guard let value = object[key], key != "schema" else { return [] }
            let title = key.split(separator: "_").joined(separator: " ")
            let inside = indented(value, by: 2)
            return [StyledLine(title, .bold)] + (inside.isEmpty ? [StyledLine("  none", .dim)] : inside)
        }
    }

    /// A line each for what fits on one.
    private static func indented(_ value: JSONValue, by depth: Int) -> [StyledLine] {
        let space = String(repeating: " ", count: depth)
        switch value {
        case .object(let object):
            return object.keys.flatMap { key -> [StyledLine] in
                guard let member = object[key] else { return [] }
                if let short = short(member) { return [StyledLine("\(space)\(key): ", .dim) + StyledLine(short)] }
                return [StyledLine(space + key)] + indented(member, by: depth + 2)
            }
        case .array(let list):
            return list.flatMap { item in
                short(item).map { [StyledLine(space + $0)] } ?? indented(item, by: depth + 2)
            }
        default: return [StyledLine(space + (value.stringValue ?? value.text))]
        }
    }

    private static func short(_ value: JSONValue) -> String? {
        switch value {
        case .object(let object):
            guard object.keys.allSatisfy({ object[$0]?.objectValue == nil && object[$0]?.arrayValue == nil }) else {
                return nil
            }
            let text = object.keys.map { "\($0) \(object[$0]?.stringValue ?? object[$0]?.text ?? "")" }
                .joined(separator: ", ")
            return text.count <= 160 ? text : nil
        case .array(let list):
            guard list.allSatisfy({ $0.objectValue == nil && $0.arrayValue == nil }) else { return nil }
            return list.map { $0.stringValue ?? $0.text }.joined(separator: ", ")
        default: return value.stringValue ?? value.text
        }
    }

    /// Failures are told apart from a difference: 2, as `diff` has it.
    private static func document(_ path: String) throws(TerminalError) -> JSONValue {
        let bytes: [UInt8]
        do {
            bytes = try LocalFile.read(path).bytes
        } catch {
            throw TerminalError(.usage, error.message)
        }
        guard let value = try? JSONValue(parsing: bytes) else {
            throw TerminalError(.usage, "\(path) is not JSON. `bulkhead surface --json > FILE` makes such a file.")
        }
        return value
    }

    private static func line(_ change: SurfaceDiff.Change) -> StyledLine {
        switch change {
        case .added(let what): StyledLine("added    ", .red) + StyledLine(what)
        case .removed(let what): StyledLine("removed  ", .green) + StyledLine(what)
        case .changed(let what, let from, let to):
            StyledLine("changed  ", .yellow) + StyledLine("\(what): \(from) → \(to)")
        }
    }

    private static func json(_ change: SurfaceDiff.Change) -> JSONValue {
        switch change {
        case .added(let what): ["change": "added", "what": .string(what)]
        case .removed(let what): ["change": "removed", "what": .string(what)]
        case .changed(let what, let from, let to):
            ["change": "changed", "what": .string(what), "from": .string(from), "to": .string(to)]
        }
    }
}

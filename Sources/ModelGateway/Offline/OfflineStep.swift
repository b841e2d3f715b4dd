internal import MCP

/// What the offline model does in turn: a plan is a list of these.
enum OfflineStep: Sendable {
    /// Asked for together, in one message.
    case calls([OfflineCall])
    case say(String)
    case wait(seconds: Int)
}

struct OfflineCall: Sendable {
    var tool: String
    var input: JSONObject
    /// How people read it: `run ls -la`.
    var label: String
    var shows: Shows = .output

    /// How its result is told.
    enum Shows: Sendable {
        /// In a fence.
        case output
        /// As it is: a sentence.
        case sentence
    }
}

extension OfflineCommand {
    /// With the tools there are; a command whose tool is missing becomes a sentence that says so.
    func steps(with tools: [OfflineTool]) -> [OfflineStep] {
        switch self {
        case .say(let text): return [.say(text)]
        case .wait(let seconds): return [.wait(seconds: seconds)]
        case .help: return [.say(OfflineWords.help(tools))]
        case .unclear(let hint):
            return [.say("I know that command only in this form: \(hint). `help` shows all of them.")]
        case .skill(let skill): return skill.steps(with: tools)
        case .together(let commands):
            let steps = commands.flatMap { $0.steps(with: tools) }
            var calls: [OfflineCall] = []
            var others: [OfflineStep] = []
            for step in steps {
                if case .calls(let more) = step { calls += more } else { others.append(step) }
            }
            return (calls.isEmpty ? [] : [.calls(calls)]) + others
        default: return calls(with: tools)
        }
    }

    private func calls(with tools: [OfflineTool]) -> [OfflineStep] {
        func call(
            _ tool: OfflineTool?, _ label: String, shows: OfflineCall.Shows = .output,
            _ input: (OfflineTool) -> JSONObject
        )
            -> [OfflineStep]
        {
            guard let tool else {
                return [.say("There is no tool here for `\(label.oneLine(60))`. `help` shows what there is.")]
            }
            return [.calls([OfflineCall(tool: tool.name, input: input(tool), label: label, shows: shows)])]
        }
        let paths = ["path", "file_path", "file", "filename"]
        switch self {
        case .run(let command):
            return call(tools.find("bash", "shell", "run"), "run \(command)") {
                [$0.argument(["command", "cmd"]): .string(command)]
            }
        case .read(let files):
            return files.flatMap { file in
                call(tools.find("read_file", "read"), "read \(file)") { [$0.argument(paths): .string(file)] }
            }
        case .write(let file, let text):
            return call(tools.find("write_file", "write"), "write \(file)", shows: .sentence) {
                [$0.argument(paths): .string(file), $0.argument(["content", "text", "contents"]): .string(text)]
            }
        case .edit(let file, let old, let new):
            return call(tools.find("edit_file", "edit"), "edit \(file)", shows: .sentence) {
                [
                    $0.argument(paths): .string(file),
                    $0.argument(["old_string", "old_text", "old", "find"]): .string(old),
                    $0.argument(["new_string", "new_text", "new", "replace"]): .string(new),
                ]
            }
        case .find(let pattern, let place):
            return call(tools.find("glob", "find"), "find \(pattern)") { tool in
                var input: JSONObject = [tool.argument(["pattern", "glob"]): .string(pattern)]
                if let place { input[tool.argument(["path", "folder", "directory"])] = .string(place) }
                return input
            }
        case .search(let text, let place):
            return call(tools.find("grep", "search"), "search \(text)") { tool in
                var input: JSONObject = [tool.argument(["pattern", "query", "text"]): .string(text)]
                if let place { input[tool.argument(["path", "folder", "directory"])] = .string(place) }
                return input
            }
        case .publish(let file):
            return call(tools.find("publish_file", "publish"), "publish \(file)", shows: .sentence) {
                [$0.argument(paths): .string(file)]
            }
        case .remember(let what):
            return call(
                tools.find("remember", "memory_add", "save_memory", "memory"), "remember \(what)", shows: .sentence
            ) {
                [$0.argument(["text", "content", "fact", "note"]): .string(what)]
            }
        case .schedule(let schedule, let prompt):
            return call(tools.find("check_schedule"), "look when that is") { _ in ["schedule": schedule] }
                + call(tools.find("schedule_task"), "schedule \(prompt)") { _ in
                    ["name": .string(prompt.oneLine(60)), "prompt": .string(prompt), "schedule": schedule]
                }
        case .call(let name, let arguments):
            return call(tools.find(name), "call \(name)") { _ in arguments }
        case .say, .wait, .help, .unclear, .skill, .together: return []
        }
    }
}

extension Settings {
    /// Every setting there is, declared once. `docs/configuration.md` is written from this table (`make reference`).
    static let keys = generalKeys + taskKeys + slackKeys

    private static let generalKeys: [SettingKey] = [
        SettingKey(
            "data.directory", \.data.directory, .path,
            "Where the database, stored files and keys are. Owned by the service user, closed to everybody else."),
        SettingKey(
            "runtime.directory", \.runtime.directory, .shortAbsolutePath,
            "Where the daemon puts its sockets: `console.sock` for the terminal chat and `mcp.sock` for MCP clients."),
        SettingKey(
            "broker.socket", \.broker.socket, .shortAbsolutePath,
            "The socket of `bulkhead-broker`, the root process that makes containers."),
        SettingKey(
            "broker.in_process", \.broker.inProcess, .boolean,
            "Whether the daemon makes containers itself instead of asking `bulkhead-broker`. The daemon then has to run"
                + " as root and **is root-equivalent**: whoever breaks into it is root on this machine."),
        SettingKey(
            "broker.file", \.broker.file, .path,
            "The broker's own configuration (JSON, writable by root alone), read by the daemon only where"
                + " `broker.in_process` is true."),
        SettingKey(
            "console.host", \.console.host,
            .text("address", allowed: "127.0.0.1, ::1 or localhost") {
                ["127.0.0.1", "::1", "localhost"].contains($0)
            }, "The loopback address the web chat listens on."),
        SettingKey(
            "console.port", \.console.port, .integer(1...65535), "The TCP port the web chat listens on."),
        SettingKey(
            "people.owner", \.people.owner, .user,
            "The operating-system user who owns this installation; always an admin."),
        SettingKey(
            "people.admins", \.people.admins, .users, reloadable: true,
            "Operating-system users who are admins: they see every session and the audit, and may act for others."),
        SettingKey(
            "people.members", \.people.members, .users, reloadable: true,
            "Operating-system users who may chat."),
        SettingKey(
            "people.others", \.people.others, .choice, reloadable: true,
            "What an operating-system user named in none of the lists is: refused, or a member."),
        SettingKey(
            "people.addresses", \.people.addresses, .addresses, reloadable: true,
            "Mail addresses of people, by operating-system user name. A surface that vouches for an address knows by it"
                + " whose account it is; two people never have the same one."),
        SettingKey(
            "model.fast.provider", \.model.fast.provider, .choice,
            "Who serves the tier `fast`. `auto` is Anthropic where `model.key_file` holds a key when the daemon starts,"
                + " else the built-in offline model."),
        SettingKey(
            "model.fast.model", \.model.fast.model, .modelName, "The provider's name of the model behind `fast`."),
        SettingKey(
            "model.fast.targets", \.model.fast.targets, .targets,
            "Models for `fast` in the order they are asked, instead of the one above: the next one where one cannot answer,"
                + " and none that may not see what is asked ([models](models.md))."),
        SettingKey(
            "model.balanced.provider", \.model.balanced.provider, .choice, "Who serves the tier `balanced`."),
        SettingKey(
            "model.balanced.model", \.model.balanced.model, .modelName,
            "The provider's name of the model behind `balanced`, the tier conversations use."),
        SettingKey(
            "model.balanced.targets", \.model.balanced.targets, .targets, "As `model.fast.targets`, for `balanced`."),
        SettingKey(
            "model.best.provider", \.model.best.provider, .choice, "Who serves the tier `best`."),
        SettingKey(
            "model.best.model", \.model.best.model, .modelName, "The provider's name of the model behind `best`."),
        SettingKey("model.best.targets", \.model.best.targets, .targets, "As `model.fast.targets`, for `best`."),
        SettingKey(
            "model.anthropic_url", \.model.anthropicURL,
            .text("URL", allowed: "http:// or https:// and a host, without a path's last slash", where: isModelURL),
            "Where requests to the provider `anthropic` go: Anthropic itself, or an endpoint that speaks its API."),
        SettingKey(
            "model.key_file", \.model.keyFile, .optionalPath,
            "The file whose one line is the API key for `anthropic`; readable by the service user alone (0600). Without one:"
                + " `anthropic.key` in `data.directory`."),
        SettingKey(
            "model.openai.url", \.model.openAIURL,
            .text("URL", allowed: "nothing, or http:// or https://, a host and mostly /v1, without a last slash") {
                $0.isEmpty || isModelURL($0)
            },
            "Where requests to the provider `openai` go: a server that speaks the chat completions API (Ollama, vLLM,"
                + " llama.cpp, a gateway): `http://127.0.0.1:11434/v1`."),
        SettingKey(
            "model.openai.key_file", \.model.openAIKeyFile, .optionalPath,
            "The file whose one line is the key for `openai`; readable by the service user alone (0600). Without one no key"
                + " is sent."),
        SettingKey(
            "model.silence", \.model.silence, .duration(.seconds(1)...(.seconds(600))),
            "A model that sends nothing for this long, in the middle of its answer or before, is given up."),
        SettingKey(
            "containers.ready", \.containers.ready, .integer(0...50),
            "How many started, empty agent containers wait for the next conversation."),
        SettingKey(
            "containers.maximum", \.containers.maximum, .integer(1...2000),
            "How many compartments may exist at a time; a message beyond it waits."),
        SettingKey(
            "containers.cpus", \.containers.cpus, .number(0.1...64), "Processor cores each container may use."),
        SettingKey(
            "containers.memory", \.containers.memory, .size((128 << 20)...(64 << 30)),
            "Memory each workspace container may use; beyond it the kernel ends a process inside."),
        SettingKey(
            "containers.processes", \.containers.processes, .integer(16...4096),
            "Processes and threads each workspace container may have."),
        SettingKey(
            "containers.open_files", \.containers.openFiles, .integer(64...65536),
            "Files each process in a container may hold open."),
        SettingKey(
            "containers.volumes_size", \.containers.volumesSize, .size(0...(16 << 40)),
            "How much everybody's files may take in all: `make run` gives them a filesystem of their own of that size, apart"
                + " from the database. 0 for none. It grows with the setting at a start, and never shrinks."),
        SettingKey(
            "session.idle_end", \.session.idleEnd, .duration(.seconds(5)...(.seconds(86_400))), reloadable: true,
            "A session without work for this long ends and its containers are removed; the next message starts afresh."),
        SettingKey(
            "session.maximum_turns", \.session.maximumTurns, .integer(1...1000), reloadable: true,
            "Model calls the agent may make for one message before it stops and says so."),
        SettingKey(
            "session.maximum_output_tokens", \.session.maximumOutputTokens, .integer(256...128_000), reloadable: true,
            "Tokens one model call may answer with."),
        SettingKey(
            "session.approval_expires", \.session.approvalExpires, .duration(.seconds(10)...(.seconds(30 * 86_400))),
            reloadable: true,
            "The longest a request for approval waits before it counts as denied; the policy's `expires` may say less."),
        SettingKey(
            "approvals.hold", \.approvals.hold, .duration(.zero...(.seconds(3600))), reloadable: true,
            "How long a session keeps its containers while people are asked. Then its turn ends, the request stays, and"
                + " the conversation goes on with the answer, whenever it comes."),
        SettingKey(
            "approvals.reminder", \.approvals.reminder, .number(0...1), reloadable: true,
            "After which part of its time a request that still waits is told of again, once and an hour before its end"
                + " at the latest; 0 for never."),
        SettingKey(
            "tools.timeout", \.tools.timeout, .duration(.seconds(1)...(.seconds(86_400))), reloadable: true,
            "The longest one tool call may take."),
        SettingKey(
            "tools.result_bytes", \.tools.resultBytes, .size((1 << 10)...(1 << 20)), reloadable: true,
            "How much of a tool's result the agent is given; of more it gets head and tail and the path of the whole."),
        SettingKey(
            "tools.kept_bytes", \.tools.keptBytes, .size((64 << 10)...(256 << 20)), reloadable: true,
            "How much of an oversized result is kept in the session's folder."),
        SettingKey(
            "tools.undo_kept", \.tools.undoKept, .duration(.seconds(3600)...(.seconds(365 * 86_400))), reloadable: true,
            "How long what a file change replaced can be put back with `bulkhead undo`."),
        SettingKey(
            "tools.undo_bytes", \.tools.undoBytes, .size((1 << 20)...(1 << 40)), reloadable: true,
            "How much is kept for that in all, of one conversation a sixteenth; beyond it the oldest goes."),
        SettingKey(
            "messages.maximum_bytes", \.messages.maximumBytes, .size((1 << 10)...(1 << 20)), reloadable: true,
            "The longest message a person may send; longer text belongs into a file."),
        SettingKey(
            "messages.queued", \.messages.queued, .integer(1...1000), reloadable: true,
            "Messages that may wait in one conversation."),
        SettingKey(
            "uploads.file_bytes", \.uploads.fileBytes, .size((1 << 10)...(1 << 30)),
            "The largest file a person may attach."),
        SettingKey(
            "uploads.per_message", \.uploads.perMessage, .integer(0...100), reloadable: true,
            "Files one message may carry."),
        SettingKey(
            "policy.file", \.policy.file, .path,
            "The policy file: what runs, what asks, what is denied. Reread on SIGHUP; a bad one keeps the last."),
        SettingKey(
            "egress.connections", \.egress.connections, .integer(1...1024),
            "Connections to the network ([egress](egress.md)) one session may have at a time."),
        SettingKey(
            "egress.connections_per_second", \.egress.connectionsPerSecond, .integer(1...1000),
            "Connections one session may begin in a second; what comes faster waits shortly, and is refused beyond that."
        ),
        SettingKey(
            "egress.bytes_up", \.egress.bytesUp, .size((1 << 10)...(1 << 40)),
            "How much one session may send out, over its whole life: what could be carried away."),
        SettingKey(
            "egress.bytes_down", \.egress.bytesDown, .size((1 << 10)...(1 << 40)),
            "How much one session may fetch, over its whole life."),
        SettingKey(
            "egress.idle", \.egress.idle, .duration(.seconds(1)...(.seconds(3600))),
            "A connection without a byte either way for this long is ended."),
        SettingKey(
            "egress.total", \.egress.total, .duration(.seconds(1)...(.seconds(86_400))),
            "The longest one connection may last."),
        SettingKey(
            "vault.key", \.vault.key, .choice,
            "Where the key is that secrets are sealed under: a `file`, the systemd credential `bulkhead-vault-key`, or the"
                + " environment (`BULKHEAD_VAULT_KEY`, taken out of it at start). See [the vault](vault.md)."),
        SettingKey(
            "vault.key_file", \.vault.keyFile, .optionalPath,
            "The file of that key, made at first use; readable by the service user alone (0600). Best on another disk than"
                + " the database, and never in the same backup. Without one: `vault.key` in `data.directory`."),
        SettingKey(
            "vault.backend", \.vault.backend, .choice,
            "Who keeps the values of secrets that are set from now on: the database, sealed, or a HashiCorp Vault or OpenBao"
                + " (key/value engine, version 2)."),
        SettingKey(
            "vault.kv_url", \.vault.kvURL,
            .text("URL", allowed: "nothing, or https:// and a host; http:// for a loopback address alone") { text in
                let isLoopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { prefix in
                    text == prefix || text.hasPrefix(prefix + ":")
                }
                let isPlain = !text.contains { $0.isWhitespace || $0 == "@" || $0 == "?" || $0 == "#" }
                return text.isEmpty || isPlain && !text.hasSuffix("/") && (text.hasPrefix("https://") || isLoopback)
            }, "Where that server is."),
        SettingKey(
            "vault.kv_mount", \.vault.kvMount, .pathWords, "Where the key/value engine is mounted there."),
        SettingKey(
            "vault.kv_prefix", \.vault.kvPrefix, .pathWords,
            "Below which path secrets are kept there, each under its identifier."),
        SettingKey(
            "vault.kv_namespace", \.vault.kvNamespace,
            .text("namespace", allowed: "nothing, or letters, digits and . _ / -") { $0.isEmpty || isPath($0) },
            "The namespace, where that server has any."),
        SettingKey(
            "vault.kv_token_file", \.vault.kvTokenFile, .optionalPath,
            "The file whose one line is the token for that server, read at each request; readable by the service user alone"
                + " (0600)."),
        SettingKey(
            "vault.kv_authority", \.vault.kvAuthority, .optionalPath,
            "A file of certificates (PEM) to trust for `vault.kv_url` in place of the system's."),
        SettingKey(
            "audit.witness_file", \.audit.witnessFile, .path,
            "Where the broker witnesses the audit (`witness` in its own configuration): read by `bulkhead audit verify`."
        ),
        SettingKey(
            "audit.syslog", \.audit.syslog,
            .text("syslog address", allowed: "nothing, unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT") { text in
                text.isEmpty || ["unix:/", "udp:", "tcp:"].contains { text.hasPrefix($0) && text.count > $0.count }
            }, "Where signed ends of the audit are sent as syslog messages (RFC 5424)."),
        SettingKey(
            "audit.https_url", \.audit.httpsURL,
            .text("URL", allowed: "nothing, or https:// and a host") { text in
                text.isEmpty
                    || text.hasPrefix("https://") && text.count > 8 && !text.contains { $0.isWhitespace || $0 == "@" }
            }, "Where signed ends of the audit are posted as JSON."),
        SettingKey(
            "audit.https_authority", \.audit.httpsAuthority, .optionalPath,
            "A file of certificates (PEM) to trust for `audit.https_url` in place of the system's."),
        SettingKey(
            "audit.https_token_file", \.audit.httpsTokenFile, .optionalPath,
            "The file whose one line is sent as bearer token to `audit.https_url`; readable by the service user alone"
                + " (0600)."),
        SettingKey(
            "hooks.directory", \.hooks.directory, .path,
            "The folder of the operator's hooks ([hooks](hooks.md)): the hook `NAME` is the program `NAME` in it. It, all"
                + " above it and the programs have to be root's, and writable by nobody else."),
        SettingKey(
            "hooks.user", \.hooks.user, .user,
            "The operating-system user hooks run as: one of their own, never root or the service user."),
        SettingKey(
            "hooks.message_in", \.hooks.messageIn, .hooks,
            "Hooks that are asked about each message of a person, before it is stored."),
        SettingKey(
            "hooks.session_start", \.hooks.sessionStart, .hooks, "Hooks that are told of each session that begins."),
        SettingKey(
            "hooks.tool_before", \.hooks.toolBefore, .hooks,
            "Hooks that are asked about each tool call, before the policy is."),
        SettingKey(
            "hooks.tool_after", \.hooks.toolAfter, .hooks,
            "Hooks that see each tool's result before the agent does."),
        SettingKey(
            "hooks.message_out", \.hooks.messageOut, .hooks,
            "Hooks that are asked about each answer, before people see it. With one, answers are not shown while they"
                + " are being written."),
        SettingKey(
            "hooks.session_end", \.hooks.sessionEnd, .hooks, "Hooks that are told of each session that ended."),
        SettingKey(
            "hooks.deadline", \.hooks.deadline, .duration(.seconds(1)...(.seconds(60))),
            "How long a hook may take; then it is ended, and counts as failed."),
        SettingKey(
            "hooks.output_bytes", \.hooks.outputBytes, .size((1 << 10)...(8 << 20)),
            "How much a hook may print; one that prints more is ended, and counts as failed."),
        SettingKey("hooks.concurrent", \.hooks.concurrent, .integer(1...32), "Hooks that may run at a time."),
        SettingKey(
            "log.level", \.log.level, .choice,
            "What is written to standard error, from this level up."),
    ]
}

private func isPath(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count) && !text.hasPrefix("/") && !text.hasSuffix("/") && !text.contains("..")
        && text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
}

extension SettingValue where Value == String {
    fileprivate static var pathWords: SettingValue {
        text("path", allowed: "letters, digits and . _ / -, not beginning or ending with a slash") { isPath($0) }
    }

    fileprivate static var modelName: SettingValue {
        text("text", allowed: "the provider's model name: letters, digits and . _ : / @ -, at most 100") {
            isModelName($0)
        }
    }
}

internal import Crypto
package import Model
package import Store
internal import Schedules

/// How requests to tasks' addresses are signed: `X-Bulkhead-Signature: v1=HEX`, HMAC-SHA256 over `TIMESTAMP.BODY`, where
/// TIMESTAMP is the header `X-Bulkhead-Timestamp`, in seconds since 1970. No key is stored: each is derived from the
/// installation's, the task and how often its key was renewed.
package struct WebhookKeys: Sendable {
    private let master: SymmetricKey

    /// `secret`: at least 32 bytes that nobody else has.
    package init(secret: [UInt8]) {
        master = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Array("bulkhead task webhooks".utf8),
            outputByteCount: 32)
    }

    /// In hexadecimal, as whoever calls has to know it.
    package func text(of task: TaskRecord) -> String {
        Array(HMAC<SHA256>.authenticationCode(for: Array("\(task.id):\(task.webhookVersion)".utf8), using: master)).hex
    }

    func isValid(_ signature: String, of body: [UInt8], timestamp: String, task: TaskRecord) -> Bool {
        guard signature.hasPrefix("v1="), let given = [UInt8](hex: String(signature.dropFirst(3))) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            given, authenticating: Array("\(timestamp).".utf8) + body,
            using: SymmetricKey(data: Array(text(of: task).utf8)))
    }
}

extension TaskDesk {
    /// How far a call's time may be from ours.
    static let window = Duration.seconds(300)
    package static let webhookBytes = 64 << 10

    /// A request to a task's address. False where the same was taken before. Whoever calls without the key learns nothing:
    /// not even whether there is such a task.
    package func called(
        _ id: TaskID, body: [UInt8], timestamp: String, signature: String, keys: WebhookKeys
    ) async throws -> Bool {
        let unknown = TaskProblem(.notFound, "there is no such address, or the signature is not right")
        guard body.count <= Self.webhookBytes else {
            throw TaskProblem("a call has \(Self.webhookBytes >> 10) KiB at most")
        }
        guard let task = try await mapped({ try await database.task(id) }),
            keys.isValid(signature, of: body, timestamp: timestamp, task: task)
        else { throw unknown }
        guard let seconds = Int64(timestamp), (0...253_402_300_799).contains(seconds) else { throw unknown }
        let age = now.milliseconds - seconds * 1000
        guard abs(age) <= Self.window.components.seconds * 1000 else {
            throw TaskProblem(.forbidden, "the call is older than five minutes, or ahead of this host's clock")
        }
        // The signature names time and body: the same one again is the same event.
        return try await scheduler.called(task, event: signature, data: String(decoding: body, as: UTF8.self))
    }

    /// The key with which a task of one's own is called, as it is or anew.
    package func webhookKey(
        _ id: TaskID, renewed: Bool, keys: WebhookKeys, by person: PersonID
    ) async throws -> String {
        var task = try await require(id, for: person)
        guard task.owner == person else { throw TaskProblem(.forbidden, "a task's key is its owner's alone") }
        guard case .event(.webhook)? = try? task.schedule else {
            throw TaskProblem(.conflict, "it is started \(task.words), not by a webhook")
        }
        if renewed {
            _ = try await mapped { try await database.renewWebhook(of: id) }
            task = try await require(id, for: person)
        }
        _ = try await runner.record(
            TaskEvent(renewed ? "task.webhook_renewed" : "task.webhook_shown", task, by: person))
        return keys.text(of: task)
    }
}

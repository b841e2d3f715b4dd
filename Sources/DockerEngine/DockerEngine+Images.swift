internal import MCP
internal import NIOCore
internal import NIOHTTP1

package struct EngineImage: Sendable {
    /// `sha256:…`, the digest of its configuration.
    package let id: String
    package let labels: [String: String]
    /// The digests of its layers, the lowest first.
    package let layers: [String]
    package let bytes: Int64
}

extension DockerEngine {
    package func inspectImage(_ name: String) async throws -> EngineImage {
        let answer = try await call(EngineRequest(method: .GET, path: "/images/\(EngineRequest.encoded(name))/json"))
        guard let id = answer["Id"]?.stringValue else {
            throw EngineError(.badAnswer, "the Docker Engine describes image \(name) without an id")
        }
        var labels: [String: String] = [:]
        for (key, text) in answer["Config"]?["Labels"]?.objectValue ?? JSONObject() { labels[key] = text.stringValue }
        let layers = (answer["RootFS"]?["Layers"]?.arrayValue ?? []).compactMap(\.stringValue)
        return EngineImage(id: id, labels: labels, layers: layers, bytes: answer["Size"]?.intValue ?? 0)
    }

    /// Makes an image of one tar archive. `changes` are Dockerfile instructions (LABEL, CMD, …).
    package func importImage(
        repository: String, tag: String, changes: [String] = [], deadline: Duration = .seconds(600),
        archive: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws {
        try await progress(
            EngineRequest(
                method: .POST, path: "/images/create",
                query: [("fromSrc", "-"), ("repo", repository), ("tag", tag)] + changes.map { ("changes", $0) },
                body: .stream(type: "application/x-tar", archive), deadline: deadline))
    }

    /// Builds an image from a tar archive that holds a Dockerfile.
    package func buildImage(
        name: String, deadline: Duration = .seconds(600), context: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws {
        try await progress(
            EngineRequest(
                method: .POST, path: "/build", query: [("t", name), ("rm", "1"), ("forcerm", "1")],
                body: .stream(type: "application/x-tar", context), deadline: deadline))
    }

    /// Removes the name, and the image where that was its last. No error where there is none.
    package func removeImage(_ name: String) async throws {
        do {
            try await call(EngineRequest(method: .DELETE, path: "/images/\(EngineRequest.encoded(name))"))
        } catch let error as EngineError where error.code == .noSuchImage {}
    }

    /// A request answered by lines of progress: the failure of an import or a build is in one of them, under status 200.
    private func progress(_ request: EngineRequest) async throws {
        try await exchange(request, version: try await spokenVersion()) { body in
            var lines = JSONLines()
            while let chunk = try await body.next() {
                for line in try lines.take(chunk) {
                    guard let failure = line["error"]?.stringValue else { continue }
                    throw EngineError(.failed, "\(request.name): \(failure)")
                }
            }
        }
    }
}

internal import AsyncHTTPClient
internal import MCP
internal import Model
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Values in the key/value engine (version 2) of a HashiCorp Vault or an OpenBao. Each stands under its identifier, so that
/// a name tells nothing there; who changes it there changes what is read here.
package struct KVBackend: SecretBackend {
    package struct Configuration: Sendable {
        /// Without a slash at its end.
        package var url: String
        package var mount: String
        package var prefix: String
        package var namespace: String?
        /// A file of certificates (PEM) in place of the system's.
        package var authority: String?
        /// Asked at each request, so that it can be exchanged.
        package var token: @Sendable () throws -> String
        package var patience: Duration = .seconds(10)

        package init(
            url: String, mount: String, prefix: String, namespace: String? = nil, authority: String? = nil,
            token: @escaping @Sendable () throws -> String
        ) {
            self.url = url
            self.mount = mount
            self.prefix = prefix
            self.namespace = namespace
            self.authority = authority
            self.token = token
        }
    }

    package let name = "kv"
    package var isLocal: Bool { false }

    private let configuration: Configuration
    private let client: HTTPClient
    private static let answerBytes = 1 << 20

    /// Throws `VaultError` where the certificates cannot be read.
    package init(_ configuration: Configuration) throws {
        self.configuration = configuration
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authority = configuration.authority {
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
            } catch {
                throw VaultError(.invalid, "vault.kv_authority: \(authority) is no file of certificates (PEM).")
            }
        }
        // A redirect would carry the token to where nobody configured it to go.
        client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(
                tlsConfiguration: tls, redirectConfiguration: .disallow,
                timeout: .init(connect: .seconds(5), read: .seconds(10))))
    }

    package func shutdown() async { try? await client.shutdown() }

    package func put(_ value: SecretValue, at address: SecretAddress) async throws -> StoredValue {
        guard let text = value.text else { throw VaultError(.invalid, "A secret is UTF-8 text.") }
        // What is there now, and nothing that came after: who else wrote in this moment is not overwritten.
        let now = try await send(.GET, "metadata", address, body: nil)?["data"]?["current_version"]?.intValue ?? 0
        _ = try await send(
            .POST, "data", address,
            body: [
                "options": ["cas": .int(now)],
                "data": ["value": .string(text), "name": .string(address.name), "scope": .string(address.scope.word)],
            ])
        return StoredValue()
    }

    package func value(at address: SecretAddress, stored: StoredValue) async throws -> SecretValue {
        guard let answer = try await send(.GET, "data", address, body: nil) else {
            throw VaultError(
                .notFound,
                "The value of the secret \(address.name) is not in \(configuration.url) any more. Set it again.")
        }
        guard let text = answer["data"]?["data"]?["value"]?.stringValue, !text.isEmpty else {
            throw VaultError(
                .invalid,
                "What \(configuration.url) holds for the secret \(address.name) has no member `value` with text.")
        }
        return SecretValue(text.utf8)
    }

    package func remove(_ address: SecretAddress) async throws {
        _ = try await send(.DELETE, "metadata", address, body: nil)
    }

    /// `nil`: there is nothing at this address.
    private func send(
        _ method: HTTPMethod, _ kind: String, _ address: SecretAddress, body: JSONObject?
    ) async throws -> JSONValue? {
        let server = configuration.url
        var request = HTTPClientRequest(
            url: "\(server)/v1/\(configuration.mount)/\(kind)/\(configuration.prefix)/\(address.id)")
        request.method = method
        let token: String
        do {
            token = try configuration.token()
        } catch {
            throw VaultError(.unavailable, "The token for \(server) cannot be had: \(error)")
        }
        request.headers = ["x-vault-token": token, "x-vault-request": "true", "user-agent": "bulkhead"]
        if let namespace = configuration.namespace { request.headers.add(name: "x-vault-namespace", value: namespace) }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: JSONValue.object(body).serialized()))
        }
        let status: HTTPResponseStatus
        let bytes: [UInt8]
        do {
            let response = try await client.execute(
                request, deadline: .now() + .nanoseconds(configuration.patience.nanoseconds))
            status = response.status
            bytes = Array(buffer: try await response.body.collect(upTo: Self.answerBytes))
        } catch let error as CancellationError {
            throw error
        } catch {
            // Never what the library says: it may quote the request.
            let isLate = (error as? HTTPClientError).map {
                [.deadlineExceeded, .readTimeout, .connectTimeout].contains($0)
            }
            throw VaultError(
                .unavailable,
                "\(server), which keeps this secret, "
                    + (isLate == true
                        ? "did not answer in time." : "could not be reached, or gave no answer that is one."))
        }
        return try answer(status, bytes, address)
    }

    private func answer(
        _ status: HTTPResponseStatus, _ bytes: [UInt8], _ address: SecretAddress
    ) throws -> JSONValue? {
        let server = configuration.url
        let json = try? JSONValue(parsing: bytes)
        switch status.code {
        case 204: return .object([:])
        case 200..<300:
            guard let json, json.objectValue != nil else {
                throw VaultError(.unavailable, "\(server) did not answer with JSON: no Vault or OpenBao is there.")
            }
            return json
        case 404: return nil
        case 400 where String(decoding: bytes, as: UTF8.self).contains("check-and-set"):
            throw VaultError(
                .conflict, "The secret \(address.name) was changed at \(server) in this moment. Set it again.")
        case 400: throw VaultError(.unavailable, "\(server) does not take the request: is vault.kv_mount right?")
        case 403:
            throw VaultError(
                .unavailable,
                "\(server) refuses the token of vault.kv_token_file at \(configuration.mount)/\(configuration.prefix). Give "
                    + "one that may create, read, update and delete there.")
        case 429: throw VaultError(.unavailable, "\(server) asks to be asked less often. Try again.")
        case 472, 473: throw VaultError(.unavailable, "\(server) is a standby. Name the active one in vault.kv_url.")
        case 503:
            throw VaultError(
                .unavailable, "\(server) is sealed or not set up. Somebody who holds its keys has to unseal it.")
        default:
            throw VaultError(.unavailable, "\(server) answered with status \(status.code).")
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}

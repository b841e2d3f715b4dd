internal import Audit
internal import Glibc
internal import LeakScan
internal import Logging
internal import Settings
internal import Store
internal import Vault

/// The vault as the settings want it.
struct VaultPlan: Sendable {
    let vault: Vault
    private let remote: KVBackend?

    /// Opens it. A key that is missing or wrong closes the vault and leaves everything else working; a key that was never
    /// one, or a remote vault that is half configured, keeps the daemon from starting.
    init(
        _ settings: VaultSettings, database: Database, audit: AuditLog, leaks: LeakGuard, logger: Logger
    ) async throws {
        let source: any MasterKeySource
        switch settings.key {
        case .file: source = KeyFile(path: settings.keyFile)
        case .environment: source = try Self.mapped { try KeyEnvironment() }
        case .credential:
            guard let directory = getenv("CREDENTIALS_DIRECTORY").map({ String(cString: $0) }), directory.hasPrefix("/")
            else {
                throw StartError(
                    "vault.key is `credential`, and systemd gave none: use LoadCredentialEncrypted=\(KeyCredential.credential)."
                )
            }
            source = KeyCredential(directory: directory)
        }
        remote = try Self.remote(settings)
        vault = Vault(
            database: database, audit: audit, keyring: Keyring(database: database, source: source), remote: remote,
            writesRemote: settings.backend == .kv, leaks: leaks)
        try await vault.open()
        if let problem = vault.keyring.problem {
            logger.error("the vault is closed", metadata: ["problem": "\(problem)"])
        }
        let broken = await vault.live.broken
        if vault.keyring.problem == nil, !broken.isEmpty {
            logger.error(
                "secrets do not open: their rows are not as they were sealed",
                metadata: ["names": "\(broken.joined(separator: ", "))"])
        }
    }

    func close() async { await remote?.shutdown() }

    private static func remote(_ settings: VaultSettings) throws -> KVBackend? {
        // Values that were put there before are read as long as it is configured, whoever keeps new ones.
        guard settings.backend == .kv || !settings.kvURL.isEmpty else { return nil }
        guard !settings.kvURL.isEmpty, !settings.kvTokenFile.isEmpty else {
            throw StartError("vault.backend is `kv`: it needs vault.kv_url and vault.kv_token_file.")
        }
        let file = settings.kvTokenFile
        var configuration = KVBackend.Configuration(
            url: settings.kvURL, mount: settings.kvMount, prefix: settings.kvPrefix,
            token: {
                guard let token = try ModelKey(file: file).text() else {
                    throw StartError("The token file \(file) is missing or empty.")
                }
                return token
            })
        configuration.namespace = settings.kvNamespace.isEmpty ? nil : settings.kvNamespace
        configuration.authority = settings.kvAuthority.isEmpty ? nil : settings.kvAuthority
        return try mapped { try KVBackend(configuration) }
    }

    private static func mapped<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as VaultError { throw StartError(error.message) }
    }
}

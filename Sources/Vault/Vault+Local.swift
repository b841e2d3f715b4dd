internal import Store

extension Vault {
    /// All values that are kept here, for whoever looks whether one of them is where it must not be.
    package func localValues() async throws -> [(name: String, value: [UInt8])] {
        var values: [(name: String, value: [UInt8])] = []
        for record in try await database.secrets() where backends[record.backend]?.isLocal == true {
            values.append((name: record.name, value: try await value(of: record).withBytes { Array($0) }))
        }
        return values
    }
}

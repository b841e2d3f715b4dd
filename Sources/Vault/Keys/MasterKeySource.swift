internal import Store

/// Where the master key comes from. Two can be there at a time: which one is in force the database says, so that a rotation
/// can be cut off at any point.
package protocol MasterKeySource: Sendable {
    /// In words for people: `the file /var/lib/bulkhead/vault.key`.
    var name: String { get }
    /// Those that are there, the one in force first where nothing was cut off. Throws `VaultError` for what is there and is
    /// no key, or could have been read or exchanged by others.
    func keys() throws -> [MasterKey]
    /// Makes the first one, durably, where there is none; throws where somebody else has to.
    func makeFirst() throws -> MasterKey
    /// The one to rotate to, durably kept beside the one in force.
    func next(after key: MasterKey) throws -> MasterKey
    /// The database is under `key` now: what else there is may go. Must be harmless to repeat.
    func settle(on key: MasterKey) throws
}

extension MasterKeySource {
    /// 64 hexadecimal digits, white space around them allowed.
    static func key(of text: [UInt8], in place: String) throws -> MasterKey {
        let digits = text.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard digits.count == 64, let bytes = [UInt8](hex: String(decoding: digits, as: UTF8.self)),
            let key = MasterKey(bytes: bytes)
        else {
            throw VaultError(
                .key,
                "\(place) is no key of a vault: it has to be 64 hexadecimal digits (openssl rand -hex 32). Nothing was "
                    + "changed; put the right one there.")
        }
        return key
    }
}

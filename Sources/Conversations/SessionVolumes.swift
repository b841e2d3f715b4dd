internal import Model

/// The volumes of one session's sandbox. Nothing gets them before it stands in the store that it has: by that its labels
/// follow what it may carry from one volume into another.
actor SessionVolumes {
    typealias Record = @Sendable ([VolumeGrant]) async throws -> Void

    private(set) var grants: [VolumeGrant]
    private var recorded: [VolumeGrant]?
    private let record: Record

    init(_ grants: [VolumeGrant], record: @escaping Record) {
        self.grants = grants
        self.record = record
    }

    /// The same, with what others read read-only.
    var sealed: [VolumeGrant] {
        grants.map { $0.volume.kind == .session || $0.volume.kind == .user ? $0 : VolumeGrant($0.volume, .readOnly) }
    }

    /// What the sandbox is to have now, on record.
    func current() async throws -> [VolumeGrant] {
        while recorded != grants {
            let wanted = grants
            try await record(wanted)
            recorded = wanted
        }
        return grants
    }

    /// Other volumes from now on; `start` ends the sandbox that had the old ones. Until that is done, what it could write
    /// stands on record as writable.
    func replace(with new: [VolumeGrant], _ start: @Sendable ([VolumeGrant]) async throws -> Void) async throws {
        let writable = Set(grants.filter { $0.access == .readWrite }.map(\.volume))
        try await record(
            new.map { writable.contains($0.volume) ? VolumeGrant($0.volume, .readWrite) : $0 }
                + grants.filter { old in !new.contains { $0.volume == old.volume } })
        grants = new
        recorded = nil
        try await start(new)
        _ = try await current()
    }
}

internal import BrokerProtocol
internal import CLinux
internal import Glibc
internal import Logging
internal import MCP
internal import Model

/// Volumes on disk, and binding them into slots: a slot is a compartment's directory under a shared mount, which its
/// workspace container holds as a slave, so that what is mounted in it appears there.
struct VolumeBinder {
    let configuration: BrokerConfiguration
    let volumeOwner: UInt32
    private let volumes: RootDirectory
    private let discarded: DiscardedVolumes
    private let slots: RootDirectory
    private let slotRoot: String
    /// Whether the volumes' filesystem can show owners mapped.
    let canMapOwners: Bool
    /// Without the right to mount, volumes are bound by the engine when a container is created.
    let canMount: Bool

    init(configuration: BrokerConfiguration, volumeOwner: UInt32, logger: Logger) throws(BrokerError) {
        self.configuration = configuration
        self.volumeOwner = volumeOwner
        // The service user reaches `group` and `global` through it; no other user does.
        volumes = try RootDirectory.prepare(
            configuration.volumeRoot, mode: 0o710, group: configuration.serviceGID)
        slotRoot = configuration.runDirectory + "/slots"
        _ = try RootDirectory.prepare(slotRoot, mode: 0o700)
        if MountTable(process: "self")?.entries.contains(where: { [slotRoot] in $0.mountPoint == slotRoot }) != true {
            let result = slotRoot.withCString { bulkhead_make_shared_root($0) }
            guard result == 0 || result == -EPERM else {
                throw BrokerError(.configuration, "cannot mount \(slotRoot): \(message(-result))")
            }
            canMount = result == 0
        } else {
            canMount = true
        }
        slots = try RootDirectory.prepare(slotRoot, mode: 0o700)
        discarded = DiscardedVolumes(beneath: volumes, logger: logger)
        canMapOwners = canMount && Self.trial(volumes, owner: volumeOwner)
    }

    private static func trial(_ directory: RootDirectory, owner: UInt32) -> Bool {
        let tree = bulkhead_clone_tree(directory.descriptor)
        guard tree >= 0 else { return false }
        defer { Glibc.close(tree) }
        let namespace = bulkhead_identity_namespace(owner, owner, owner + 1, owner + 1)
        guard namespace >= 0 else { return false }
        defer { Glibc.close(namespace) }
        return bulkhead_seal_mount(tree, 0, namespace) == 0
    }

    func slotPath(_ key: Broker.Key) -> String { "\(slotRoot)/\(key)" }

    /// An empty slot with a mount point for each place.
    func openSlot(_ key: Broker.Key) throws(BrokerError) {
        let slot = try slots.openOrMake(key.description, owner: 0, group: 0, mode: 0o755)
        for kind in Mount.allCases where kind != .shared {
            _ = try slot.openOrMake(kind.rawValue, owner: 0, group: 0, mode: 0o755)
        }
    }

    /// Binds one volume. Nobody can see it before it has its flags.
    func place(_ grant: VolumeGrant, in key: Broker.Key, owner: UInt32) throws(BrokerError) {
        let kind = grant.volume.kind
        let slot = try slots.open(key.description)
        let target: RootDirectory
        do {
            target = try slot.open(kind == .shared ? "group/shared" : kind.rawValue)
        } catch  where kind == .shared {
            throw BrokerError(.volume, "\(grant.volume): the group volume has to be placed first")
        }
        let source = try open(grant.volume)

        let tree = bulkhead_clone_tree(source.descriptor)
        guard tree >= 0 else { throw BrokerError(.volume, "cannot clone \(grant.volume): \(message(-tree))") }
        defer { Glibc.close(tree) }
        var namespace: CInt = -1
        defer { if namespace >= 0 { Glibc.close(namespace) } }
        if canMapOwners {
            let (uid, gid) = diskOwner(of: kind)
            namespace = bulkhead_identity_namespace(uid, gid, owner, owner)
            guard namespace >= 0 else {
                throw BrokerError(.volume, "no identity mapping for \(grant.volume): \(message(-namespace))")
            }
        }
        var result = bulkhead_seal_mount(tree, grant.access == .readOnly ? 1 : 0, namespace)
        guard result == 0 else { throw BrokerError(.volume, "cannot seal \(grant.volume): \(message(-result))") }
        result = bulkhead_attach_mount(tree, target.descriptor)
        guard result == 0 else { throw BrokerError(.volume, "cannot bind \(grant.volume): \(message(-result))") }
    }

    /// For engines that cannot see our mounts: the path on the host, its directory made.
    func hostPath(_ volume: Volume) throws(BrokerError) -> String {
        _ = try open(volume)
        return configuration.volumeRoot + "/" + volume.description
    }

    private func diskOwner(of kind: Mount) -> (UInt32, UInt32) {
        kind.isReadOnly
            ? (configuration.serviceUID, configuration.serviceGID) : (volumeOwner, volumeOwner)
    }

    private func open(_ volume: Volume) throws(BrokerError) -> RootDirectory {
        let (uid, gid) = diskOwner(of: volume.kind)
        // Readable by all who get this far: the root lets nobody but the service user pass, and without identity mapping
        // the workspace's user is a stranger to what the harness wrote.
        let mode: mode_t = volume.kind.isReadOnly ? 0o755 : 0o700
        guard volume.kind != .global else {
            return try volumes.openOrMake("global", owner: uid, group: gid, mode: mode)
        }
        let kind = try volumes.openOrMake(
            volume.kind.rawValue, owner: 0, group: configuration.serviceGID, mode: 0o710)
        let directory = try kind.openOrMake(volume.key, owner: uid, group: gid, mode: mode)
        // The mount point of the channel's files: only looked up, the harness may have put anything there. Given away is
        // what is opened, a directory: by its name it could have become a name of somebody else's file meanwhile.
        if volume.kind == .group, mkdirat(directory.descriptor, "shared", 0o755) == 0,
            let made = try? directory.open("shared")
        {
            chmod("/proc/self/fd/\(made.descriptor)", 0o755)
            _ = bulkhead_change_owner(made.descriptor, uid, gid)
        }
        return directory
    }

    /// Takes the volume away, and deletes it by and by. Nothing may have it bound.
    func discard(_ volume: Volume) throws(BrokerError) {
        let kind = try volumes.openOrMake(
            volume.kind.rawValue, owner: 0, group: configuration.serviceGID, mode: 0o710)
        try discarded.take(volume.key, of: kind)
    }

    /// Sessions with a scratch volume, in order, as many as an answer takes.
    func scratches(after: SessionID?) -> [JSONValue] {
        let names = RootDirectory.names(in: configuration.volumeRoot + "/" + Mount.session.rawValue)
            .filter { $0 > after?.rawValue ?? "" && $0 != Broker.trial.compartment.rawValue }
        return names.sorted().prefix(500).map(JSONValue.string)
    }

    /// Unmounts what is in the slot and removes it. The container has to be gone: an open descriptor would go on writing.
    /// Removes directories only when empty: never recursively, a volume could still be mounted there.
    func closeSlot(_ key: Broker.Key) throws(BrokerError) { try closeSlot(key.description) }

    func closeSlot(_ name: String) throws(BrokerError) {
        let path = "\(slotRoot)/\(name)"
        for entry in MountTable(process: "self")?.below(path) ?? [] {
            guard
                umount2(entry.mountPoint, Int32(UMOUNT_NOFOLLOW)) == 0 || errno == EINVAL
                    // Gone with the folder it was on, which the harness may delete.
                    || errno == ENOENT
                    // Busy: held by a copy of the mount table somewhere. Nothing of ours writes any more.
                    || umount2(entry.mountPoint, Int32(MNT_DETACH) | Int32(UMOUNT_NOFOLLOW)) == 0
            else { throw BrokerError(.volume, "cannot unmount \(entry.mountPoint): \(message(errno))") }
        }
        for kind in Mount.allCases where kind != .shared { rmdir("\(path)/\(kind.rawValue)") }
        guard rmdir(path) == 0 || errno == ENOENT else {
            throw BrokerError(.volume, "cannot remove \(path): \(message(errno))")
        }
    }

    /// Slots of an earlier life.
    func leftovers() -> [String] { RootDirectory.names(in: slotRoot) }

    /// Gives the shared mount back, at the end of the broker's life.
    func close() {
        discarded.close()
        // Detached, for we hold a directory of it ourselves; not with a volume still in it.
        guard MountTable(process: "self")?.below(slotRoot).count == 1 else { return }
        _ = umount2(slotRoot, Int32(MNT_DETACH) | Int32(UMOUNT_NOFOLLOW))
    }
}

extension RootDirectory {
    /// The entries of a directory that can be names of ours.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if CompartmentID(name) != nil { names.append(name) }
        }
        return names
    }
}

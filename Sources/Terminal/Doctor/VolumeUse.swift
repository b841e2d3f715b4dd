internal import Glibc

/// How much of the volumes' filesystem each volume has. Sandboxes write these folders while they are looked at: no link is
/// followed, no other filesystem entered, and neither depth nor number of files makes this take for ever.
struct VolumeUse {
    /// As volumes are named: `user/ID`, `thread/ID`, …, `global`.
    let name: String
    var bytes: Int64 = 0
    var files = 0
    /// Not all of it was looked at: it has more.
    var isPartial = false

    /// All volumes below `root`, the largest first. At most so many entries are looked at, and folders so deep.
    static func all(below root: String, entries: Int = 1_000_000, depth: Int = 128) -> [VolumeUse] {
        var walk = Walk(left: entries, deepest: depth)
        var found: [VolumeUse] = []
        for kind in names(in: root) {
            let path = root + "/" + kind
            let volumes = kind == "global" ? [""] : names(in: path).map { "/" + $0 }
            for volume in volumes {
                var use = VolumeUse(name: kind + volume)
                walk.look(at: path + volume, &use)
                found.append(use)
            }
        }
        return found.sorted { $0.bytes > $1.bytes }
    }

    /// The folders directly in `path`, which is the broker's own to make.
    private static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        return Walk.entries(of: directory, atMost: 100_000).map { String(decoding: $0.dropLast(), as: UTF8.self) }
            .filter { name in
                var status = stat()
                return lstat(path + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            }.sorted()
    }

    private struct Walk {
        var left: Int
        let deepest: Int
        /// Files with more than one name count once.
        var linked: Set<UInt> = []

        mutating func look(at path: String, _ use: inout VolumeUse) {
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            var status = stat()
            guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
                if descriptor >= 0 { close(descriptor) }
                use.isPartial = true
                return
            }
            walk(descriptor, status.st_dev, depth: 0, &use)
        }

        /// Takes over the descriptor.
        private mutating func walk(_ descriptor: CInt, _ device: dev_t, depth: Int, _ use: inout VolumeUse) {
            guard let directory = fdopendir(descriptor) else {
                close(descriptor)
                use.isPartial = true
                return
            }
            defer { closedir(directory) }
            for name in Self.entries(of: directory, atMost: left) {
                var status = stat()
                guard left > 0 else { break }
                left -= 1
                // Gone meanwhile.
                guard Self.with(name, { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { continue }
                guard status.st_dev == device, status.st_nlink == 1 || linked.insert(status.st_ino).inserted else {
                    continue
                }
                use.files += 1
                use.bytes += Int64(status.st_blocks) * 512
                guard status.st_mode & S_IFMT == S_IFDIR else { continue }
                let below = Self.with(name) {
                    openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                }
                guard below >= 0, depth < deepest else {
                    if below >= 0 { close(below) }
                    use.isPartial = true
                    continue
                }
                walk(below, device, depth: depth + 1, &use)
            }
            if left <= 0 { use.isPartial = true }
        }

        /// Names as they are, with the NUL at their end: what is no UTF-8 counts too.
        static func entries(of directory: OpaquePointer, atMost maximum: Int) -> [[UInt8]] {
            var names: [[UInt8]] = []
            while names.count < maximum, let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { $0.prefix { $0 != 0 } + [0] }
                if name != [0x2E, 0], name != [0x2E, 0x2E, 0] { names.append(name) }
            }
            return names
        }

        private static func with<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
            name.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { text in
                // It has its NUL at least.
                text.baseAddress.map(body) ?? "".withCString(body)
            }
        }
    }
}

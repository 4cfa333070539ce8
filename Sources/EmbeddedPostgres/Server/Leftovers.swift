import Foundation

/// Run folders whose owner and watchdog are both dead (a power cut, or `kill -9` of both).
enum Leftovers {
    /// Stops what still runs in them and removes them. Never touches what another user made or somebody holds.
    static func clean(in places: [String]) {
        for place in places {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
            for name in names where name.hasPrefix(RunFolder.namePrefix) {
                // One that cannot be cleaned costs disk space and must not keep a new server from starting.
                try? clean("\(place)/\(name)")
            }
        }
    }

    private static func clean(_ path: String) throws(EmbeddedPostgresError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else { return }
        if access("\(path)/lock", F_OK) != 0 {
            // Made, and not locked yet: young ones are about to be.
            guard time(nil) - status.modifiedAt > 60 else { return }
        }
        let lock = try Descriptor(opening: "\(path)/lock", O_RDWR | O_CREAT)
        guard lock.tryLock() else { return }
        try Watchdog.clean(path, lock: lock.number)
    }
}

extension stat {
    /// When the contents changed last, in seconds since 1970.
    fileprivate var modifiedAt: Int {
        #if canImport(Darwin)
            st_mtimespec.tv_sec
        #else
            st_mtim.tv_sec
        #endif
    }
}

import Foundation

/// The locks of a folder whose data is kept: one server at a time.
struct DataLocks: ~Copyable, Sendable {
    /// Ours alone: held by another, its owner lives.
    let owner: Descriptor
    /// Held by our watchdog too: held by another, an owner has died and its server is being stopped.
    let shared: Descriptor

    init(_ folder: String, _ user: ServerUser, _ patience: Duration) throws(EmbeddedPostgresError) {
        guard user.canReach(folder) else {
            throw EmbeddedPostgresError(
                .folderUnusable,
                "PostgreSQL runs as user \(user.uid), who cannot reach \(folder). Choose a folder whose parents "
                    + "everybody may pass through (such as /var/tmp/…), or `chmod o+x` them.")
        }
        let owner = try Descriptor(opening: "\(folder)/owner.lock", O_RDWR | O_CREAT)
        guard owner.tryLock() else {
            throw EmbeddedPostgresError(
                .folderInUse, "another process runs PostgreSQL in \(folder). Stop it, or choose another folder.")
        }
        let shared = try Descriptor(opening: "\(folder)/lock", O_RDWR | O_CREAT)
        guard waitUntil(patience, { shared.tryLock() }) else {
            throw EmbeddedPostgresError(
                .folderInUse, "the server of an earlier process in \(folder) has not stopped within \(patience)")
        }
        self.owner = owner
        self.shared = shared
    }
}

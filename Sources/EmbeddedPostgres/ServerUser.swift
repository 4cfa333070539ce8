import Foundation

/// The operating system's user that the server runs as: PostgreSQL refuses to run as root.
struct ServerUser: Sendable, Equatable {
    let uid: uid_t
    let gid: gid_t
    /// What stands before a command so that it runs as this user; empty if we are that user.
    let prefix: [String]

    var isOther: Bool { !prefix.isEmpty }

    /// Ourselves, or, when we are root: the owner of the data of an earlier run, `postgres`, or `nobody`.
    static func choose(ownerOfData: uid_t? = nil) throws(EmbeddedPostgresError) -> ServerUser {
        guard geteuid() == 0 else { return ServerUser(uid: geteuid(), gid: getegid(), prefix: []) }
        let known = ownerOfData.flatMap { $0 == 0 ? nil : account(uid: $0) }
        guard let user = known ?? account(named: "postgres") ?? account(named: "nobody") else {
            throw EmbeddedPostgresError(
                .noServerUser,
                "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as. "
                    + "Run this as an ordinary user, or add one: `useradd --system postgres`.")
        }
        // It replaces itself by the program, so that the program's process is our own child; su and runuser stay.
        let places = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/local/bin/setpriv"]
        guard let setpriv = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw EmbeddedPostgresError(
                .noServerUser,
                "PostgreSQL refuses to run as root, and `setpriv` (package util-linux) is not in "
                    + "\(places.joined(separator: ", ")) to run it as another user. Run this as an ordinary user.")
        }
        return ServerUser(
            uid: user.uid, gid: user.gid,
            prefix: [setpriv, "--reuid=\(user.uid)", "--regid=\(user.gid)", "--clear-groups"])
    }

    /// Whether this user can pass through a folder and all above it.
    func canReach(_ folder: String) -> Bool {
        guard isOther else { return access(folder, X_OK) == 0 }
        return (try? Command(prefix + ["/bin/sh", "-c", #"cd -- "$0""#, folder]).run()) != nil
    }

    /// Makes a folder that only this user may open.
    func makePrivateFolder(_ path: String) throws(EmbeddedPostgresError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw EmbeddedPostgresError(.folderUnusable, "cannot make \(path): \(errorText(errno))")
        }
        try take(path)
    }

    /// Makes this user the owner.
    func take(_ path: String) throws(EmbeddedPostgresError) {
        guard !isOther || lchown(path, uid, gid) == 0 else {
            throw EmbeddedPostgresError(.folderUnusable, "cannot give \(path) to user \(uid): \(errorText(errno))")
        }
    }

    private static func account(named name: String) -> (uid: uid_t, gid: gid_t)? {
        account { getpwnam_r(name, $0, $1, $2, $3) }
    }

    private static func account(uid: uid_t) -> (uid: uid_t, gid: gid_t)? {
        account { getpwuid_r(uid, $0, $1, $2, $3) }
    }

    private static func account(
        _ look: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> (uid: uid_t, gid: gid_t)? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard look(&entry, &buffer, buffer.count, &found) == 0, found != nil, entry.pw_uid != 0 else { return nil }
        return (entry.pw_uid, entry.pw_gid)
    }
}

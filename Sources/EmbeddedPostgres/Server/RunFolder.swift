import Foundation

/// The temporary folder of one running server: its lock, its socket, and its data or a link to it.
///
///     /tmp/skald-pg-x7Kq2b/   ours, others may pass through but not list it
///         lock                locked by us and our watchdog: whoever can lock it knows that both are gone
///         socket/             the server's user only
///         data/               the server's user only; a symbolic link when the data has a folder of its own
struct RunFolder: ~Copyable, Sendable {
    static let namePrefix = "skald-pg-"

    let path: String
    let lock: Descriptor

    var name: String { (path as NSString).lastPathComponent }
    var socketFolder: String { "\(path)/socket" }
    var dataFolder: String { "\(path)/data" }

    /// The longest path that fits into `sockaddr_un`, its final NUL apart.
    #if canImport(Darwin)
        static let longestSocketPath = 103
    #else
        static let longestSocketPath = 107
    #endif

    /// Where run folders are made: $TMPDIR if it suits, else /tmp, whose name is short and which everybody reaches.
    static func places(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        let given = (environment["TMPDIR"] ?? "").trimmingSuffix("/")
        return given.isEmpty || given == "/tmp" ? ["/tmp"] : [given, "/tmp"]
    }

    static func suits(_ place: String, _ user: ServerUser) -> Bool {
        let socket = "\(place)/\(namePrefix)XXXXXX/socket/.s.PGSQL.65535"
        return socket.utf8.count <= longestSocketPath && access(place, W_OK) == 0 && user.canReach(place)
    }

    /// Makes a new one, locked.
    init(for user: ServerUser, places: [String] = RunFolder.places()) throws(EmbeddedPostgresError) {
        guard let place = places.first(where: { Self.suits($0, user) }) else {
            throw EmbeddedPostgresError(
                .folderUnusable,
                "no place for a socket: \(places.joined(separator: " and ")) must be writable, reachable for user "
                    + "\(user.uid) and short (a socket's path has at most \(Self.longestSocketPath) bytes). Set TMPDIR."
            )
        }
        let path = try Self.makeUnique(in: place)
        let lock = try Descriptor(opening: "\(path)/lock", O_RDWR | O_CREAT)
        // Nobody looks into a folder without a lock before a minute has passed.
        guard lock.tryLock() else {
            throw EmbeddedPostgresError(.folderInUse, "another process has locked the new folder \(path); try again")
        }
        try user.makePrivateFolder("\(path)/socket")
        self.path = path
        self.lock = lock
    }

    private static func makeUnique(in place: String) throws(EmbeddedPostgresError) -> String {
        var template = Array("\(place)/\(namePrefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw EmbeddedPostgresError(.folderUnusable, "cannot make a folder in \(place): \(errorText(errno))")
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The server's user must pass through it to its own folders.
        guard chmod(path, 0o711) == 0 else {
            throw EmbeddedPostgresError(.folderUnusable, "cannot open \(path) for passage: \(errorText(errno))")
        }
        return path
    }
}

extension String {
    func trimmingSuffix(_ suffix: Character) -> String {
        var copy = self[...]
        while copy.count > 1 && copy.last == suffix { copy.removeLast() }
        return String(copy)
    }
}

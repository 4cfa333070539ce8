import Foundation

/// The data folder and what is in it before a server runs.
struct Cluster: Sendable {
    let programs: Programs
    let user: ServerUser
    /// The real folder, never a link to it.
    let dataFolder: String
    let logFile: String

    /// The major version that made the data, and its owner, if there is any.
    static func existing(_ dataFolder: String) -> (major: Int, owner: uid_t)? {
        guard let version = FileManager.default.contents(atPath: "\(dataFolder)/PG_VERSION"),
            let major = Int(String(decoding: version, as: UTF8.self).trimmedEnd)
        else { return nil }
        var status = stat()
        return stat(dataFolder, &status) == 0 ? (major, status.st_uid) : nil
    }

    /// Runs initdb unless the data is there. It works beside the final place and is renamed, so that data that is
    /// there is always whole.
    func initialise(_ configuration: EmbeddedPostgres.Configuration) throws(EmbeddedPostgresError) {
        guard Self.existing(dataFolder) == nil else { return }
        let unfinished = "\(dataFolder).new"
        if FileManager.default.fileExists(atPath: unfinished) {
            try attempt("remove \(unfinished)") { try FileManager.default.removeItem(atPath: unfinished) }
        }
        try user.makePrivateFolder(unfinished)
        var words = user.prefix + [programs.path("initdb"), "--pgdata", unfinished, "--auth", "trust"]
        words += ["--username", configuration.superuser, "--encoding", "UTF8", "--locale", configuration.locale]
        words += ["--no-instructions"]
        // What a power cut would take with it is not wanted afterwards anyway. The running server does sync.
        if configuration.storage == .temporary { words += ["--no-sync"] }
        _ = try Command(words, patience: .seconds(120)).run()
        try attempt("add to \(unfinished)/postgresql.conf") {
            let file = URL(fileURLWithPath: "\(unfinished)/postgresql.conf")
            let theirs = try Data(contentsOf: file)
            try (theirs + Data("\ninclude = 'skald.conf'\n".utf8)).write(to: file)
        }
        try user.take("\(unfinished)/postgresql.conf")
        guard rename(unfinished, dataFolder) == 0 else {
            throw EmbeddedPostgresError(.folderUnusable, "cannot rename \(unfinished): \(errorText(errno))")
        }
        let parent = try Descriptor(opening: (dataFolder as NSString).deletingLastPathComponent, O_RDONLY)
        fsync(parent.number)
    }

    /// Writes our settings; done at every start, so that a named folder follows its configuration.
    func configure(_ settings: String) throws(EmbeddedPostgresError) {
        try attempt("write \(dataFolder)/skald.conf") {
            try Data(settings.utf8).write(to: URL(fileURLWithPath: "\(dataFolder)/skald.conf"))
        }
        try user.take("\(dataFolder)/skald.conf")
    }

    private func attempt(_ what: String, _ work: () throws -> Void) throws(EmbeddedPostgresError) {
        do {
            try work()
        } catch {
            throw EmbeddedPostgresError(.folderUnusable, "cannot \(what): \(error)")
        }
    }
}

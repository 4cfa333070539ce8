/// What went wrong with a private PostgreSQL, and what to do about it.
public struct EmbeddedPostgresError: Error, Sendable, Hashable {
    /// The kind of failure. More kinds may come: switch with a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// PostgreSQL's programs are missing or too old; the message lists where they were looked for.
        public static let programsNotFound = Code(description: "programsNotFound")
        /// The folder cannot be used: not writable, not reachable, path too long, or made by another major version.
        public static let folderUnusable = Code(description: "folderUnusable")
        /// Another process runs a server in the same named folder.
        public static let folderInUse = Code(description: "folderInUse")
        /// The process is root and no ordinary user was found to run the server as.
        public static let noServerUser = Code(description: "noServerUser")
        /// The server did not start; the message ends with its log.
        public static let startFailed = Code(description: "startFailed")
        /// One of PostgreSQL's programs failed; the message has what it said.
        public static let commandFailed = Code(description: "commandFailed")
        /// The operation does not fit the server's state, such as `pause()` of a stopped one.
        public static let wrongState = Code(description: "wrongState")
        /// The operating system refused a call that should have worked.
        public static let system = Code(description: "system")
    }

    /// The kind of failure.
    public let code: Code
    /// What was wrong, with paths and the programs' own words, and what to do.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension EmbeddedPostgresError: CustomStringConvertible {
    /// The kind and the message.
    public var description: String { "EmbeddedPostgresError.\(code): \(message)" }
}

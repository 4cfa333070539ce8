/// Why a schema could not be migrated, or why this program cannot work with it.
///
/// `description` tells everything: what was wrong and what to do. It holds names of files, roles and the schema, and no
/// data; it is meant for the log of a start or the terminal of an operator.
public struct MigrationError: Error, Sendable {
    /// The kind of error. Open: more may come, so a switch over it needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the kind.
        public let description: String

        init(_ description: String) { self.description = description }

        /// The schema's name cannot be used.
        public static let invalidSchemaName = Code("invalidSchemaName")
        /// The migrations given are not numbered 1, 2, 3, …
        public static let invalidMigrations = Code("invalidMigrations")
        /// The schema is not there: nothing was ever applied.
        public static let notMigrated = Code("notMigrated")
        /// The schema lacks migrations that this program needs.
        public static let schemaOlder = Code("schemaOlder")
        /// The schema has migrations that this program does not know.
        public static let schemaNewer = Code("schemaNewer")
        /// A file differs from the one that was applied.
        public static let edited = Code("edited")
        /// A migration is recorded, and one before it is not.
        public static let gap = Code("gap")
        /// A file ran and did not record itself.
        public static let notRecorded = Code("notRecorded")
        /// Another process is migrating and did not finish in time.
        public static let locked = Code("locked")
        /// The role that connects lacks a right.
        public static let permission = Code("permission")
        /// A statement failed, or the database could not be reached; `underlying` says how.
        public static let database = Code("database")
    }

    /// The kind of error.
    public let code: Code
    /// What was wrong.
    public let message: String
    /// What to do about it.
    public let hint: String
    /// What the database client reported, where it did.
    public let underlying: (any Error)?

    init(_ code: Code, _ message: String, hint: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.underlying = underlying
    }
}

extension MigrationError: CustomStringConvertible {
    /// What was wrong and what to do.
    public var description: String { "\(message). \(hint)" }
}

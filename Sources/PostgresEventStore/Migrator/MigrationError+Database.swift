import Migrations
import Postgres

extension MigrationError {
    /// What a failed look at the records means.
    init(reading schema: String, failed error: any Error) {
        self.init(error, what: "the migrations of schema \(schema) could not be read") { state in
            guard state == .insufficientPrivilege else { return nil }
            return "Grant the role that connects \(schema)_reader or \(schema)_writer."
        }
    }

    /// What a failed migration means.
    init(applying migration: Migration?, to schema: String, failed error: any Error) {
        let what = migration.map { "\($0.fileName) could not be applied to schema \(schema)" }
        self.init(error, what: what ?? "schema \(schema) could not be migrated") { state in
            guard state == .insufficientPrivilege else { return nil }
            return
                "Migrate as a role that may create roles and schemas in this database, or let an administrator create the "
                + "roles \(schema)_owner, \(schema)_writer, \(schema)_reader and \(schema)_operator and grant it the first."
        }
    }

    private init(_ error: any Error, what: String, advice: (SQLState?) -> String?) {
        guard let failure = error as? PostgresError else {
            self =
                error as? MigrationError
                ?? MigrationError(
                    .database, "\(what): \(error)", hint: "Call it again; what was applied stays applied.",
                    underlying: error)
            return
        }
        let detail = failure.detail.map { " (\($0))" } ?? ""
        let general = "Nothing of this file was applied; remove the cause and call it again."
        self.init(
            failure.sqlState == .insufficientPrivilege ? .permission : .database,
            "\(what): \(failure.message)\(detail)",
            hint: failure.hint ?? advice(failure.sqlState)
                ?? (failure.outcome == .unknown
                    ? "Whether it was applied is not known: call it again to find out." : general),
            underlying: failure)
    }
}

import Postgres
import PostgresEventStore

extension CommandFailure {
    /// Why the schema could not be migrated or does not fit.
    init(_ error: MigrationError, choice: ConnectionChoice, schema: String) {
        switch error.code {
        case .invalidSchemaName: self.init(.usage, error.message, next: error.hint)
        case .permission, .locked: self.init(.refused, error.message, next: error.hint)
        case .notMigrated, .schemaOlder, .schemaNewer, .edited, .gap:
            self.init(.schema, error.message, next: error.hint)
        case .database:
            guard let cause = error.underlying as? PostgresError else { fallthrough }
            let failure = CommandFailure(cause, choice: choice, schema: schema)
            self = failure.status == .connection ? failure : CommandFailure(.failure, error.message, next: error.hint)
        default: self.init(.failure, error.message, next: error.hint)
        }
    }
}

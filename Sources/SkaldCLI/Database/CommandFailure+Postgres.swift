import EventSourcing
import Postgres

extension CommandFailure {
    /// What the database said, as what happened, why, and what to do.
    init(_ error: PostgresError, choice: ConnectionChoice, schema: String) {
        let words = [error.message, error.detail].compactMap(\.self).joined(separator: "\n")
        switch (error.code, error.sqlState) {
        case (.poolTimeout, _), (.connectionFailed, _), (.connectionLost, _):
            self.init(
                .connection, "the database cannot be reached", why: Self.cause(of: error),
                next: "check the connection settings, which come from \(choice.origin)")
        case (.invalidArgument, _):
            self.init(
                .usage, "the connection settings are not valid", why: words,
                next: "correct what comes from \(choice.origin)")
        case (_, .some("3F000")), (_, .some("42P01")), (_, .some("42883")):
            self.init(
                .schema, "the schema \(schema) does not have what this program needs", why: words,
                next: "see 'skald migrate status'; 'skald migrate apply' brings it up to date, --schema names another")
        case (_, .some("42501")):
            self.init(
                .refused, "the database does not allow it", why: words,
                next: "connect as a role that is a member of \(schema)_reader to look, of \(schema)_operator to change")
        case (_, .some(let state)) where state.rawValue.hasPrefix("SK"):
            self.init(.refused, error.message, why: error.detail, next: error.hint)
        default:
            self.init(.failure, words, why: error.sqlState.map { "SQLSTATE \($0)" }, next: error.hint)
        }
    }

    /// Anything else that was thrown.
    init(describing error: any Error) {
        self.init(.failure, "\(error)")
    }

    /// The words of the attempt that failed, rather than of the wait for it.
    private static func cause(of error: PostgresError) -> String {
        guard let underlying = error.underlying as? PostgresError else { return error.message }
        return cause(of: underlying)
    }
}

extension CommandFailure {
    /// What the store said; where the database is behind it, what that said.
    init(_ error: EventStoreError, choice: ConnectionChoice, schema: String) {
        if error.code == .invalidArgument {
            self.init(.usage, error.message)
        } else if let cause = error.underlying as? PostgresError {
            self.init(cause, choice: choice, schema: schema)
        } else {
            self.init(error.code == .logRewound ? .refused : .failure, error.message)
        }
    }
}

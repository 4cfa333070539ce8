import Postgres
import PostgresEventStore

/// Why the daemon could not start: what happened, why, and what to do next.
struct StartFailure: Error, Sendable, CustomStringConvertible {
    let status: ExitStatus
    let what: String
    let why: String?
    let next: String?

    init(_ status: ExitStatus, _ what: String, why: String? = nil, next: String? = nil) {
        self.status = status
        self.what = what
        self.why = why
        self.next = next
    }

    var description: String { [what, why, next].compactMap(\.self).joined(separator: "; ") }

    /// For a person, on standard error.
    var text: String {
        let parts = [("error: ", what), ("why:   ", why), ("next:  ", next)]
        return parts.compactMap { label, text in
            text.map { text in
                let lines = text.split(separator: "\n").map { $0.drop(while: \.isWhitespace) }
                return label + lines.joined(separator: "\n       ") + "\n"
            }
        }.joined()
    }
}

extension StartFailure {
    /// - Parameter origin: where the connection string came from.
    init(_ error: PostgresError, origin: String) {
        let words = [error.message, error.detail].compactMap(\.self).joined(separator: "\n")
        switch (error.code, error.sqlState?.rawValue) {
        case (.invalidArgument, _):
            self.init(
                .configuration, "database.url is not valid", why: words, next: "correct it; it comes from: \(origin)")
        case (.server, "42501"):
            self.init(
                .refused, "the database does not allow it", why: words,
                next: "grant the role membership in skald_writer")
        case (.server, "SK003"):
            self.init(.configuration, "the sink's settings do not fit those it was registered with", why: words)
        case (.server, let state?) where !state.hasPrefix("57") && !state.hasPrefix("53") && !state.hasPrefix("08"):
            self.init(.failure, words, why: "SQLSTATE \(state)", next: error.hint)
        default:
            let cause = (error.underlying as? PostgresError)?.message ?? words
            self.init(
                .connection, "the database cannot be reached", why: cause,
                next: "check database.url; it comes from: \(origin)")
        }
    }

    init(_ error: MigrationError, origin: String) {
        switch error.code {
        case .database, .locked:
            if let cause = error.underlying as? PostgresError {
                self.init(cause, origin: origin)
            } else {
                self.init(.failure, error.message, next: error.hint)
            }
        case .permission: self.init(.refused, error.message, next: error.hint)
        case .invalidSchemaName: self.init(.configuration, error.message, next: error.hint)
        default: self.init(.schema, error.message, next: error.hint)
        }
    }
}

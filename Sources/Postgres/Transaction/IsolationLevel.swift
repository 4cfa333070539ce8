/// How far a transaction is kept apart from others (PostgreSQL documentation, chapter 13.2).
public enum IsolationLevel: Sendable, Hashable, CaseIterable {
    /// Each statement sees what was committed before it began.
    case readCommitted
    /// All statements see what was committed before the first one began. May fail with SQLSTATE 40001.
    case repeatableRead
    /// As if transactions ran one after another. May fail with SQLSTATE 40001.
    case serializable

    var sql: String {
        switch self {
        case .readCommitted: "read committed"
        case .repeatableRead: "repeatable read"
        case .serializable: "serializable"
        }
    }
}

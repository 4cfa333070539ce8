import EventSourcing
import Postgres

/// What an error means for a projection. SQLSTATE decides.
enum ProjectionFailure: Equatable {
    /// Another process has the lease: write nothing more.
    case leaseLost
    /// See `ProjectionState.Failure`.
    case other(ProjectionState.Failure)

    /// - Parameter isBatch: whether events were being applied, so that they may be at fault.
    init(_ error: any Error, isBatch: Bool) {
        switch error {
        case let error as PostgresError: self.init(error, isBatch)
        case let error as EventStoreError where error.code == .logRewound: self = .other(.outOfStep)
        case is CancellationError: self = .other(.transient)
        default: self = .other(isBatch ? .refused(reason: String(reflecting: error)) : .transient)
        }
    }

    private init(_ error: PostgresError, _ isBatch: Bool) {
        switch error.sqlState {
        case "SK007": self = .leaseLost
        case "SK010": self = .other(.outOfStep)
        case .queryCanceled?: self = .other(.timedOut)
        default:
            if error.code == .deadlineExceeded {
                self = .other(.timedOut)
            } else if isBatch, Self.isTheEventsFault(error) {
                self = .other(.refused(reason: Self.reason(error)))
            } else {
                self = .other(.transient)
            }
        }
    }

    /// Only what has failed for good, and not because the server lacks something or cannot write now.
    private static func isTheEventsFault(_ error: PostgresError) -> Bool {
        guard error.outcome == .failed else { return false }
        guard let state = error.sqlState else { return error.code == .encoding || error.code == .invalidArgument }
        return !state.isOfTheServer
    }

    private static func reason(_ error: PostgresError) -> String {
        let state = error.sqlState.map { " (SQLSTATE \($0))" } ?? ""
        let parts = [error.message + state, error.detail, error.statement.map { "in: " + $0 }]
        return parts.compactMap(\.self).joined(separator: "; ")
    }
}

import EventSourcing
import Postgres

/// What the database says of one append: `status` and versions of `append_group` and `append_one`.
enum AppendOutcome: Equatable, Sendable {
    case appended(first: Int64, last: Int64, position: Int64)
    case replayed(first: Int64, last: Int64, position: Int64)
    /// The stream's actual version; nil where it does not exist.
    case conflict(actual: Int64?)
    case reused
    /// Another transaction holds the stream.
    case busy
    case closed

    init(status: Int16, first: Int64?, last: Int64?, position: Int64?) throws(EventStoreError) {
        switch (status, first, last, position) {
        case (0, let first?, let last?, let position?): self = .appended(first: first, last: last, position: position)
        case (1, let first?, let last?, let position?): self = .replayed(first: first, last: last, position: position)
        case (2, _, let last?, _): self = .conflict(actual: last < 0 ? nil : last)
        case (3, _, _, _): self = .reused
        case (4, _, _, _): self = .busy
        case (5, _, _, _): self = .closed
        default:
            throw .unreadable(
                "the database's append functions answered with status \(status), which this version does not know")
        }
    }

    /// The caller's result. For a busy stream it says so; who can wait for the stream does not ask.
    func result(of append: EncodedAppend) -> Result<AppendResult, EventStoreError> {
        switch self {
        case .appended(let first, let last, let position), .replayed(let first, let last, let position):
            var wasReplayed = false
            if case .replayed = self { wasReplayed = true }
            return .success(
                AppendResult(
                    stream: append.stream, firstVersion: StreamVersion(first), lastVersion: StreamVersion(last),
                    lastPosition: GlobalPosition(position), wasReplayed: wasReplayed))
        case .conflict(let actual):
            return .failure(
                .versionConflict([
                    VersionConflict(
                        stream: append.stream, expected: append.expected, actual: actual.map { StreamVersion($0) })
                ]))
        case .reused: return .failure(.appendIDReused(append.id, stream: append.stream))
        case .closed: return .failure(.streamClosed(append.stream))
        case .busy: return .failure(.streamHeld(append.stream))
        }
    }
}

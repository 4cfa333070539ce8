/// The rows of a statement, one by one, in bounded memory.
///
/// When rows are taken slowly the server waits. Leaving the loop early drops the rest: inside a transaction it is read and
/// thrown away, because a cancelled statement would end the transaction; outside the statement is cancelled.
public struct RowStream: AsyncSequence {
    /// A row.
    public typealias Element = Row
    /// What the statement may end with.
    public typealias Failure = PostgresError

    let source: FlowSource<Row>

    /// The rows can be read once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source)
    }

    /// Reads the rows.
    public struct Iterator: AsyncIteratorProtocol {
        let source: FlowSource<Row>

        /// The next row; nil when there is none.
        public mutating func next() async throws(PostgresError) -> Row? {
            try await source.next()
        }

        /// The next row; nil when there is none.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(PostgresError) -> Row? {
            try await source.next()
        }
    }
}

@available(*, unavailable)
extension RowStream: Sendable {}

/// The caller's end of a channel. When the last reference to it is gone, the rest of the pieces is dropped.
final class FlowSource<Piece: Sendable> {
    let channel: FlowChannel<Piece>
    private let connection: Connection
    private let request: Request
    private let cancelsOnServer: Bool

    init(_ channel: FlowChannel<Piece>, _ request: Request, _ connection: Connection, cancelsOnServer: Bool) {
        self.channel = channel
        self.request = request
        self.connection = connection
        self.cancelsOnServer = cancelsOnServer
    }

    deinit {
        guard channel.abandon() else { return }
        connection.post(cancelsOnServer ? .cancel(request) : .resume)
    }

    func next() async throws(PostgresError) -> Piece? {
        let (connection, request) = (connection, request)
        return try await channel.next {
            connection.post(.resume)
        } cancel: {
            connection.post(.cancel(request))
        }
    }
}

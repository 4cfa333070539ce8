/// Takes the data of a `copy … from stdin`.
public struct CopyWriter {
    let connection: Connection
    let request: Request

    /// Sends bytes in the format that the statement names. They may be cut anywhere, also within a row.
    ///
    /// Returns when the connection has room for more, so that the memory in use stays bounded.
    ///
    /// - Throws: `PostgresError` when the task is cancelled or the connection is lost. What the server has to say about the
    ///   data is known at the end only.
    public func write(_ bytes: [UInt8]) async throws(PostgresError) {
        if Task.isCancelled { throw .givenUp(.taskCancelled, sent: false) }
        try await send(.data(bytes))
    }

    /// Sends text as UTF-8. See ``write(_:)-([UInt8])``.
    public func write(_ text: String) async throws(PostgresError) {
        try await write(Array(text.utf8))
    }

    func send(_ content: CopyChunk.Content) async throws(PostgresError) {
        let chunk = CopyChunk(request, content)
        try await chunk.promise.uncancelledValue { connection.post(.copy(chunk)) }
    }
}

@available(*, unavailable)
extension CopyWriter: Sendable {}

/// A part of the data of a COPY on its way to the server.
final class CopyChunk: Sendable {
    enum Content: Sendable {
        case data([UInt8])
        /// The data is complete.
        case end
        /// The data is not to be taken.
        case failure(String)
    }

    let request: Request
    let content: Content
    let promise = Promise<Void>()

    init(_ request: Request, _ content: Content) {
        self.request = request
        self.content = content
    }
}

/// Kept when the server is ready to take data, or has refused to.
final class CopyStart: Sendable {
    let accepted = Promise<Void>()
    let ended = Promise<Answer>()
}

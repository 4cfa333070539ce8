/// The data of a `copy … to stdout`, in pieces as the server sends them (usually one row each), in bounded memory.
public struct CopyReader: AsyncSequence {
    /// Bytes in the format that the statement names.
    public typealias Element = [UInt8]
    /// What the statement may end with.
    public typealias Failure = PostgresError

    let source: FlowSource<[UInt8]>

    /// The data can be read once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source)
    }

    /// Reads the data.
    public struct Iterator: AsyncIteratorProtocol {
        let source: FlowSource<[UInt8]>

        /// The next piece; nil when there is none.
        public mutating func next() async throws(PostgresError) -> [UInt8]? {
            try await source.next()
        }

        /// The next piece; nil when there is none.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(PostgresError) -> [UInt8]? {
            try await source.next()
        }
    }
}

@available(*, unavailable)
extension CopyReader: Sendable {}

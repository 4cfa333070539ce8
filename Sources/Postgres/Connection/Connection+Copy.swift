import CLibPQ

// COPY: data between the caller and the socket, outside of the pipeline.
extension Connection {
    /// What COPY is going on.
    enum Copy {
        case none
        case outgoing(FlowChannel<[UInt8]>)
        /// The server takes data; so far has been given to libpq of the chunk that is on its way.
        case incoming(CopyChunk?, given: Int)
        /// The end was sent, and the result is awaited.
        case ended
    }

    /// libpq loops for ever over a buffer that is much larger than the socket's, so data goes in slices.
    static let copySlice = 65_536

    /// The server is ready to take or to give data; false when nobody here had asked for that.
    func beginCopy(_ status: ExecStatusType) -> Bool {
        switch (status, state.headRequest?.work) {
        case (PGRES_COPY_OUT, .copyOut(_, let channel)):
            copy = .outgoing(channel)
            return true
        case (PGRES_COPY_IN, .copyIn(_, let start)):
            copy = .incoming(nil, given: 0)
            extendDeadline(waitsForCaller: true)
            start.accepted.complete(.success(()))
            return true
        default:
            return false
        }
    }

    /// Hands the data that libpq has to the caller; false when the rest has to wait for the socket or for the caller.
    func receiveCopyData() -> Bool {
        guard case .outgoing(let channel) = copy, let connection = libpq?.pointer else { return false }
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &buffer, 1)
            guard count > 0, let buffer else {
                // 0: nothing there yet. -1: done, and -2: failed; the result says which.
                if count != 0 { copy = .ended }
                return count != 0
            }
            defer { PQfreemem(buffer) }
            let piece = [UInt8](UnsafeRawBufferPointer(start: buffer, count: Int(count)))
            if !channel.add(piece, size: piece.count) {
                pause()
                return false
            }
        }
    }

    // MARK: Towards the server

    /// Takes a chunk from the caller.
    func take(_ chunk: CopyChunk) {
        guard case .incoming(nil, _) = copy, state.headRequest === chunk.request else {
            let error = copyError ?? PostgresError(.closed, "the COPY is over", outcome: .failed)
            chunk.promise.complete(.failure(error))
            return
        }
        copy = .incoming(chunk, given: 0)
        extendDeadline()
        sendCopyData()
    }

    /// Gives libpq what it has room for; called again when the socket has taken some.
    func sendCopyData() {
        guard case .incoming(let chunk?, let given) = copy, let connection = libpq?.pointer else { return }
        switch chunk.content {
        case .data(let bytes):
            send(bytes, from: given, of: chunk, on: connection)
        case .end:
            finish(chunk, PQputCopyEnd(connection, nil))
        case .failure(let reason):
            finish(chunk, PQputCopyEnd(connection, reason))
        }
    }

    private func send(_ bytes: [UInt8], from given: Int, of chunk: CopyChunk, on connection: OpaquePointer) {
        var given = given
        while given < bytes.count {
            let count = min(Self.copySlice, bytes.count - given)
            let status = bytes.withUnsafeBytes { raw in
                PQputCopyData(
                    connection, raw.baseAddress?.advanced(by: given).assumingMemoryBound(to: CChar.self), Int32(count))
            }
            guard status >= 0 else { return end(lost()) }
            if status > 0 { given += count }
            // Not before the socket has taken this slice: so libpq's buffer stays small.
            let left = PQflush(connection)
            guard left >= 0 else { return end(lost()) }
            if status == 0 || left > 0 {
                copy = .incoming(chunk, given: given)
                return watch(.both)
            }
        }
        copy = .incoming(nil, given: 0)
        extendDeadline(waitsForCaller: true)
        chunk.promise.complete(.success(()))
    }

    private func finish(_ chunk: CopyChunk, _ status: Int32) {
        guard status >= 0 else { return end(lost()) }
        if status == 0 { return watch(.both) }
        copy = .ended
        extendDeadline()
        chunk.promise.complete(.success(()))
        flushLater()
    }

    /// The COPY has ended, with this error or without one: whoever is still writing is told.
    func endCopy(_ error: PostgresError?) {
        defer {
            copy = .none
            copyError = error
        }
        if case .incoming(let chunk?, _) = copy {
            chunk.promise.complete(.failure(error ?? PostgresError(.closed, "the COPY is over", outcome: .failed)))
        }
    }
}

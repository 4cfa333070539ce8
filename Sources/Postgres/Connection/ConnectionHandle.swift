import CLibPQ

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Owns libpq's connection, and closes it when it goes away. Every call of libpq on a connection stands here or beside it.
///
/// Not `Sendable`: it lives in the actor of its connection, on the event loop's thread.
struct ConnectionHandle: ~Copyable {
    let pointer: OpaquePointer
    private let heard = LastWords()

    /// Takes over a connection that was opened elsewhere.
    init(_ opened: OpenedConnection) {
        pointer = opened.pointer
        // libpq takes an error that no statement waits for as a notice. The receiver is called on the loop only, in calls
        // of libpq, and not after PQfinish.
        PQsetNoticeReceiver(
            pointer,
            { words, notice in
                guard let words, let notice else { return }
                Unmanaged<LastWords>.fromOpaque(words).takeUnretainedValue().hear(notice)
            }, Unmanaged.passUnretained(heard).toOpaque())
    }

    deinit {
        PQfinish(pointer)
    }

    var socket: Int32 { PQsocket(pointer) }
    var backendPID: Int32 { PQbackendPID(pointer) }
    var isBroken: Bool { PQstatus(pointer) == CONNECTION_BAD }
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(pointer) }

    /// Why the server has ended the session, where it said so while nothing was asked of it.
    var lastWords: PostgresError? { heard.error }

    /// libpq's words for what went wrong last.
    var message: String { PQerrorMessage(pointer).map { String(cString: $0) } ?? "" }

    /// Whether a call of `nextResult` would block.
    var isBusy: Bool { PQisBusy(pointer) != 0 }

    /// Reads what the socket has; false when the connection is gone.
    func consumeInput() -> Bool { PQconsumeInput(pointer) != 0 }

    /// Whether TLS has taken more from the socket than libpq has taken from TLS. The socket does not tell of that, and libpq
    /// reads no record of more than 8 kB at once.
    var hasMoreInTLS: Bool {
        guard PQsslInUse(pointer) != 0, let pending = Self.pendingInTLS, let ssl = PQsslStruct(pointer, "OpenSSL")
        else { return false }
        return pending(ssl) > 0
    }

    /// OpenSSL's SSL_pending, looked up where libpq has brought it along: this client links libpq only.
    private static let pendingInTLS: (@convention(c) (UnsafeMutableRawPointer) -> Int32)? = {
        #if canImport(Darwin)
            let everywhere = UnsafeMutableRawPointer(bitPattern: -2)  // RTLD_DEFAULT
        #else
            let everywhere: UnsafeMutableRawPointer? = nil
        #endif
        return dlsym(everywhere, "SSL_pending").map {
            unsafeBitCast($0, to: (@convention(c) (UnsafeMutableRawPointer) -> Int32).self)
        }
    }()

    /// The next result, owned by the caller; nil ends a command. Must not be called while `isBusy`.
    func nextResult() -> OpaquePointer? { PQgetResult(pointer) }

    /// Writes what is buffered: 0 all of it, 1 some is left, -1 the connection is gone.
    func flush() -> Int32 { PQflush(pointer) }

    func enterPipelineMode() -> Bool { PQenterPipelineMode(pointer) != 0 }
    func exitPipelineMode() -> Bool { PQexitPipelineMode(pointer) != 0 }
    func sendSync() -> Bool { PQpipelineSync(pointer) != 0 }

    /// Sends one or several statements as text by the simple protocol; not in pipeline mode.
    func send(script: String) -> Bool { PQsendQuery(pointer, script) != 0 }

    func send(prepare name: String, _ sql: SQL) -> Bool {
        sql.withParameters { PQsendPrepare(pointer, name, sql.text, $0.count, $0.types) } != 0
    }

    func send(prepared name: String, _ sql: SQL) -> Bool {
        sql.withParameters { parameters in
            PQsendQueryPrepared(
                pointer, name, parameters.count, parameters.values, parameters.lengths, parameters.formats, 1)
        } != 0
    }

    func send(unprepared sql: SQL) -> Bool {
        sql.withParameters { parameters in
            PQsendQueryParams(
                pointer, sql.text, parameters.count, parameters.types, parameters.values, parameters.lengths,
                parameters.formats, 1)
        } != 0
    }

    /// Has the statement that was just sent come row by row.
    func enterSingleRowMode() -> Bool { PQsetSingleRowMode(pointer) != 0 }

    /// What a cancel request needs. It may be used on another thread while the connection goes on.
    func cancelToken() -> CancelToken? { PQgetCancel(pointer).map(CancelToken.init) }
}

/// Keeps what the server says when it ends a session.
private final class LastWords {
    private(set) var error: PostgresError?

    func hear(_ notice: OpaquePointer) {
        // The letter is PG_DIAG_SEVERITY_NONLOCALIZED, which the importer does not see.
        guard let severity = PQresultErrorField(notice, Int32(UInt8(ascii: "V"))).map({ String(cString: $0) }),
            severity == "FATAL" || severity == "PANIC"
        else { return }
        error = PostgresError(result: notice)
    }
}

/// A connection on its way from the helper thread that opened it to the loop that will own it.
///
/// Not checked: libpq lets any one thread at a time use a connection (PostgreSQL documentation, section 34.20), and this
/// value is made in one place and consumed in one other.
struct OpenedConnection: @unchecked Sendable {
    let pointer: OpaquePointer
}

/// Asks the server to cancel what one of its backends is doing.
///
/// Not checked: the object is immutable, and libpq documents PQcancel as safe to call from any thread.
final class CancelToken: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Opens a connection of its own, sends the request and waits until the server has closed it. Blocks.
    ///
    /// True means that the server has signalled its backend, not that anything was cancelled.
    func send() -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            PQcancel(pointer, buffer.baseAddress, Int32(buffer.count)) != 0
        }
    }
}

import CLibPQ

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Opens connections. It blocks (name resolution, password files, TLS), so it runs on helper threads.
struct Connector: Sendable {
    /// libpq's connection string: key-value or URI.
    let connectionString: String

    /// What is added where the connection string and the environment say nothing.
    let defaults: [String: String]

    /// Session settings, as `options` give them to the server when the session begins.
    let options: [String]

    /// Opens a connection in pipeline mode, non-blocking.
    func open() throws(PostgresError) -> OpenedConnection {
        let parameters = try parameters()
        let severalHosts = parameters.contains { ["host", "hostaddr"].contains($0.key) && $0.value.contains(",") }
        if severalHosts { return try ready(connect(parameters) { PQconnectdbParams($0, $1, 0) }) }
        return try open(at: HostAddresses.toTry(parameters), parameters)
    }

    /// Opens a connection to the first of a host's addresses that answers; nil leaves it to libpq to find them.
    ///
    /// libpq goes on to the next address by itself when one refuses, but where it is driven step by step not when one keeps
    /// silent.
    func open(
        at addresses: [String?], _ parameters: [(key: String, value: String)]
    ) throws(PostgresError) -> OpenedConnection {
        let patience = patience(parameters)
        var refusal = PostgresError(.connectionFailed, "the host has no address", outcome: .retriable)
        for address in addresses {
            do throws(PostgresError) {
                let all = parameters + (address.map { [(key: "hostaddr", value: $0)] } ?? [])
                return try ready(connect(all) { openSingle($0, $1, patience) }, patience)
            } catch {
                refusal = error
                // The server itself has refused, and would at its other addresses.
                if error.sqlState != nil { break }
            }
        }
        throw refusal
    }

    private func connect(
        _ parameters: [(key: String, value: String)],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?) -> OpaquePointer?
    ) -> OpaquePointer? {
        let keywords = parameters.map { strdup($0.key) } + [nil]
        let values = parameters.map { strdup($0.value) } + [nil]
        defer {
            keywords.forEach { free($0) }
            values.forEach { free($0) }
        }
        return keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                body(keywords.baseAddress, values.baseAddress)
            }
        }
    }

    private func ready(
        _ connection: OpaquePointer?, _ patience: Duration? = nil
    ) throws(PostgresError) -> OpenedConnection {
        guard let connection else {
            throw PostgresError(.connectionFailed, "libpq has no memory for a connection")
        }
        guard PQstatus(connection) == CONNECTION_OK else {
            defer { PQfinish(connection) }
            throw failure(connection, patience)
        }
        silence(connection)
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
            defer { PQfinish(connection) }
            throw PostgresError(.connectionFailed, connection: connection, connectionString: connectionString)
        }
        return OpenedConnection(pointer: connection)
    }

    /// Opens a connection to one host step by step. Only so does libpq tell the SQLSTATE of a refusal, in its message.
    ///
    /// Several hosts are left to libpq's blocking call, which goes on to the next one when a host does not answer in time.
    private func openSingle(
        _ keywords: UnsafePointer<UnsafePointer<CChar>?>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
        _ patience: Duration?
    ) -> OpaquePointer? {
        guard let connection = PQconnectStartParams(keywords, values, 0) else { return nil }
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        silence(connection)
        let end = patience.map { ContinuousClock.now + $0 }
        var step = PGRES_POLLING_WRITING
        while step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING, PQstatus(connection) != CONNECTION_BAD {
            // libpq may have gone on to another socket: it is asked anew each time.
            var socket = pollfd(
                fd: PQsocket(connection), events: Int16(step == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
            let left = end.map { ($0 - .now).wholeMilliseconds } ?? -1
            if end != nil, left <= 1 { break }
            let count = poll(&socket, 1, Int32(clamping: left))
            if count < 0, errno == EINTR { continue }
            if count == 0 { break }
            step = PQconnectPoll(connection)
        }
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        return connection
    }

    /// Without a receiver libpq prints notices to standard error.
    private func silence(_ connection: OpaquePointer) {
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
    }

    /// How long one address may take to accept a connection, as `connect_timeout` says; nil is without end.
    private func patience(_ parameters: [(key: String, value: String)]) -> Duration? {
        let given = parameters.last { $0.key == "connect_timeout" }?.value ?? Environment.value("PGCONNECT_TIMEOUT")
        // libpq takes it in whole seconds, at least 2, and 0 or less for "without end".
        guard let seconds = given.flatMap({ Int($0) }) else { return .seconds(5) }
        return seconds > 0 ? .seconds(max(2, seconds)) : nil
    }

    private func failure(_ connection: OpaquePointer, _ patience: Duration?) -> PostgresError {
        if PQstatus(connection) != CONNECTION_BAD {
            let limit = patience.map { " within \($0)" } ?? ""
            return PostgresError(
                .connectionFailed, "the server did not accept the connection\(limit)",
                hint: "Look whether it can be reached, or raise connect_timeout.", outcome: .retriable)
        }
        let error = PostgresError(
            .connectionFailed, connection: connection, connectionString: connectionString, outcome: .retriable)
        return error.withStateFromMessage()
    }

    /// Reads the connection string as libpq does, and adds the defaults to it.
    func parameters() throws(PostgresError) -> [(key: String, value: String)] {
        var message: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(connectionString, &message) else {
            let said = message.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(message)
            throw PostgresError(
                .invalidArgument,
                Redaction.trimmed(
                    Redaction.message(said, connectionString: connectionString), ifEmpty: "no reason given"),
                hint: "Give a connection string as libpq takes it: key=value pairs or a postgresql:// URI.")
        }
        defer { PQconninfoFree(parsed) }
        var found: [(key: String, value: String)] = []
        var option = parsed
        while let keyword = option.pointee.keyword {
            let key = String(cString: keyword)
            let given = option.pointee.val.map { String(cString: $0) }
            let fromEnvironment = option.pointee.envvar.flatMap { Environment.value(String(cString: $0)) }
            if key == "client_encoding" {
                // Values are encoded as UTF-8, whatever the string or PGCLIENTENCODING says: under another encoding the
                // server would store other text than was bound.
                found.append((key, "UTF8"))
            } else if key == "options" {
                let all = [given ?? fromEnvironment].compactMap { $0 } + options
                if !all.isEmpty { found.append((key, all.joined(separator: " "))) }
            } else if let value = given ?? (fromEnvironment == nil ? defaults[key] : nil) {
                found.append((key, value))
            }
            option += 1
        }
        return found
    }
}

extension PostgresError {
    /// libpq gives the SQLSTATE of a refused connection only as part of a verbose message: `FATAL:  28P01: password …`, with
    /// the place in the server's source on a line of its own. Both are taken out of the message.
    func withStateFromMessage() -> PostgresError {
        guard let match = message.firstMatch(of: #/:  (?<state>[0-9A-Z]{5}): /#) else { return self }
        var text = message
        let state = SQLState(rawValue: String(match.state))
        text.replaceSubrange(match.range, with: ": ")
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        var fields = Fields(code: code, message: lines.joined(separator: "\n"))
        fields.sqlState = state
        return PostgresError(fields: fields)
    }
}

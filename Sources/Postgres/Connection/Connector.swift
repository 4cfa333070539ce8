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
        let keywords = parameters.map { strdup($0.key) } + [nil]
        let values = parameters.map { strdup($0.value) } + [nil]
        defer {
            keywords.forEach { free($0) }
            values.forEach { free($0) }
        }
        let connection = keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                PQconnectdbParams(keywords.baseAddress, values.baseAddress, 0)
            }
        }
        guard let connection else {
            throw PostgresError(.connectionFailed, "libpq has no memory for a connection")
        }
        guard PQstatus(connection) == CONNECTION_OK else {
            defer { PQfinish(connection) }
            throw PostgresError(
                .connectionFailed, connection: connection, connectionString: connectionString, outcome: .retriable)
        }
        // Without a receiver libpq prints notices to standard error.
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
            defer { PQfinish(connection) }
            throw PostgresError(.connectionFailed, connection: connection, connectionString: connectionString)
        }
        return OpenedConnection(pointer: connection)
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
            let fromEnvironment = option.pointee.envvar.flatMap { getenv($0) }.map { String(cString: $0) }
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

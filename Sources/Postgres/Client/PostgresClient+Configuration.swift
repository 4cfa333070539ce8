import Logging

extension PostgresClient {
    /// What a client connects to, and its limits.
    public struct Configuration: Sendable {
        /// libpq's connection string: `host=/run/postgresql dbname=app` or `postgresql://user@host1,host2/app`.
        ///
        /// Everything libpq knows may stand here, such as several hosts with `target_session_attrs=read-write`, `sslmode`
        /// (use `verify-full` over networks) and `passfile`. What is left out comes from libpq's environment variables, then
        /// from the client's own defaults: `connect_timeout` 5 s, TCP keepalives after 10 s, `tcp_user_timeout` 15 s.
        public var connectionString: String

        /// What the server shows the connections as in `pg_stat_activity`. Default: `skald`.
        public var applicationName = "skald"

        /// How many connections carry the statements of ``PostgresClient/query(_:deadline:)``, many in flight on each. They are
        /// kept open all the time. Default: 2.
        public var sharedConnections = 2

        /// How many connections at most are lent out, one caller at a time, by ``PostgresClient/withConnection(_:)`` and
        /// ``PostgresClient/withTransaction(isolation:readOnly:maximumAttempts:deadline:_:)``. They are opened when needed.
        /// Default: 16.
        public var maximumExclusiveConnections = 16

        /// How many statements may be in flight on one shared connection. Default: 128.
        public var pipelineDepth = 128

        /// How many statements may wait to be sent; the next one fails with code `queueFull`. Default: 4096.
        public var maximumWaitingStatements = 4096

        /// How many callers may wait for an exclusive connection; the next one fails with code `poolExhausted`. Default: 1024.
        public var maximumWaitingCallers = 1024

        /// How long to wait for a connection before failing with code `poolTimeout`. Default: 5 seconds.
        public var waitDeadline: Duration = .seconds(5)

        /// How long a statement may take where the call does not say. Default: 30 seconds.
        ///
        /// It is also the `statement_timeout` of the shared connections, where a statement whose caller has gone must not hold
        /// up the others; a longer deadline of a single call has no effect there.
        public var statementDeadline: Duration = .seconds(30)

        /// How long a session may idle in a transaction before the server ends it; nil leaves it to the server's setting.
        /// Default: 60 seconds.
        public var idleInTransactionTimeout: Duration? = .seconds(60)

        /// How long a cancelled statement may take to end before its connection is closed. Default: 5 seconds.
        public var cancelDeadline: Duration = .seconds(5)

        /// After what age a connection is replaced; each lives for up to a fifth less, at random. Default: 30 minutes.
        public var maximumConnectionAge: Duration = .seconds(1800)

        /// How long an exclusive connection may be idle before it is closed. Default: 5 minutes.
        public var idleTimeout: Duration = .seconds(300)

        /// How long an exclusive connection may be idle before it is asked whether it still lives. Default: 30 seconds.
        public var healthCheckInterval: Duration = .seconds(30)

        /// The pause before the first repetition of a failed connection attempt; it doubles from then on, and each is drawn
        /// at random between its half and its whole. Default: 50 milliseconds.
        public var firstReconnectPause: Duration = .milliseconds(50)

        /// The longest pause between connection attempts. Default: 5 seconds.
        public var longestReconnectPause: Duration = .seconds(5)

        /// How many prepared statements each connection keeps, the least recently used going first. Default: 256.
        ///
        /// A statement is prepared when a connection meets it for the second time.
        public var preparedStatements = 256

        /// Whether a pooler that changes the server's session between transactions (PgBouncer in transaction mode) stands in
        /// between. Default: false.
        ///
        /// Statements are then not prepared and no session settings are sent, so set `statement_timeout` in the pooler or for
        /// the role. LISTEN, session settings and temporary tables do not work behind such a pooler.
        public var usesTransactionPooler = false

        /// How the event loop waits for sockets.
        var backend = EventLoop.Backend.automatic

        /// A configuration with the defaults.
        public init(connectionString: String) {
            self.connectionString = connectionString
        }
    }
}

extension PostgresClient.Configuration {
    func poolSettings(logger: Logger) -> PoolSettings {
        var limits = PoolLimits()
        limits.sharedConnections = sharedConnections
        limits.exclusiveConnections = maximumExclusiveConnections
        limits.pipelineDepth = pipelineDepth
        limits.waitingRequests = maximumWaitingStatements
        limits.waitingLeases = maximumWaitingCallers
        limits.waitDeadline = waitDeadline
        limits.maximumAge = maximumConnectionAge
        limits.idleTimeout = idleTimeout
        limits.healthCheckAfter = healthCheckInterval
        limits.backoff = Backoff(first: firstReconnectPause, longest: longestReconnectPause)
        var connection = ConnectionSettings(logger: logger)
        connection.limits.cancelSettling = cancelDeadline
        connection.limits.sharedHead = statementDeadline + .seconds(5)
        connection.resetsSessions = !usesTransactionPooler
        connection.preparedStatements = usesTransactionPooler ? 0 : preparedStatements
        return PoolSettings(
            name: applicationName, limits: limits, connection: connection,
            sharedConnector: connector(settings: ["statement_timeout": statementDeadline]),
            exclusiveConnector: connector(settings: [:]))
    }

    /// How to open a connection whose session has these time-outs.
    func connector(settings: [String: Duration]) -> Connector {
        var settings = settings
        settings["idle_in_transaction_session_timeout"] = idleInTransactionTimeout
        let options = settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value.wholeMilliseconds)" }
        return Connector(
            connectionString: connectionString,
            defaults: [
                "application_name": applicationName,
                "connect_timeout": "5",
                "keepalives_idle": "10",
                "keepalives_interval": "5",
                "keepalives_count": "3",
                "tcp_user_timeout": "15000",
            ],
            options: usesTransactionPooler ? [] : options)
    }
}

extension Duration {
    /// At least 1: PostgreSQL takes 0 for "never".
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

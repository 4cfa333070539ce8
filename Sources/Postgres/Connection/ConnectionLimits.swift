/// How long a connection waits for what.
struct ConnectionLimits: Sendable {
    /// How long a cancelled statement may take to end before its connection is closed.
    var cancelSettling: Duration = .seconds(5)

    /// How long after a delivered cancel request another one is sent, because the first came before the statement.
    var cancelRepeat: Duration = .milliseconds(250)

    /// How long the first request in flight may keep a shared connection before that is taken for dead.
    var sharedHead: Duration = .seconds(40)
}

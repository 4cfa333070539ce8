/// Waits for many descriptors at once. Level-triggered: what is ready and was not dealt with is reported again.
protocol Poller: Sendable {
    /// Watches the descriptor, or changes what it is watched for. An empty interest reports broken sockets only.
    mutating func set(_ descriptor: Int32, interest: Interest) throws(PostgresError)

    /// Forgets the descriptor, which may be unknown.
    mutating func remove(_ descriptor: Int32)

    /// Waits up to so many milliseconds (-1: without end) and appends what is ready. A broken socket is ready for both.
    mutating func wait(milliseconds: Int32, into ready: inout [Ready])

    /// Gives back what the poller holds of the system.
    mutating func close()
}

/// A descriptor that is ready.
struct Ready {
    let descriptor: Int32
    let readiness: Interest
}

extension EventLoop.Backend {
    func makePoller() throws(PostgresError) -> any Poller {
        switch self {
        case .epoll:
            #if os(Linux)
                return try EpollPoller()
            #else
                throw PostgresError(.unsupported, "epoll is there on Linux only", hint: "Use the poll backend.")
            #endif
        case .poll:
            return PollPoller()
        }
    }
}

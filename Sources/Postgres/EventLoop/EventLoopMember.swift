/// What lives on an event loop: an actor that has the loop as its executor.
///
/// All five are called on the loop's thread, so an actor may enter itself with `assumeIsolated`.
protocol EventLoopMember: AnyObject, Sendable {
    /// Something was posted to the member's mailbox.
    func drain()

    /// A socket is ready. With `token` a member tells its sockets, or the generations of one, apart.
    func socketReady(_ readiness: Interest, token: UInt64)

    /// The system refuses to watch a socket of the member's. Nothing will tell of it, so it is of no use any more.
    func socketFailed()

    /// A timer is due.
    func timerFired(_ token: UInt64)

    /// The turn's work is done: the moment to flush what the turn has written.
    func turnEnded()
}

extension EventLoopMember {
    func socketFailed() {}
    func turnEnded() {}
}

/// What a socket is watched for, or ready for.
struct Interest: OptionSet, Sendable {
    let rawValue: UInt8

    static let read = Interest(rawValue: 1)
    static let write = Interest(rawValue: 2)
    static let both: Interest = [.read, .write]
}

/// A call to a member at some time.
struct LoopTimer: Comparable {
    /// Stands for a socket that could not be watched; no member uses it.
    static let failureToken = UInt64.max

    let deadline: ContinuousClock.Instant
    let member: any EventLoopMember
    let token: UInt64

    static func < (one: LoopTimer, other: LoopTimer) -> Bool { one.deadline < other.deadline }
    static func == (one: LoopTimer, other: LoopTimer) -> Bool { one.deadline == other.deadline }
}

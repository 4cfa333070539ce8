import HeapModule
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One thread that waits for sockets and timers and runs the actors that own them.
///
/// The loop is the executor of the pool, the connections and the listeners (`unownedExecutor`), so that a socket's
/// readiness, libpq's calls and the actor's state meet on one thread with no hop between them. No closure of a user ever
/// runs here: callers wait on continuations and are resumed on executors of their own.
///
/// A turn: take the posted work and run it · fire the timers that are due · let the members that asked for it flush ·
/// wait for readiness · hand it out. A thread that posts work writes to the wake-up descriptor only if the loop sleeps.
///
/// The thread starts with the first work or with ``start()``, and ends after ``stop()`` when no work is left. Work posted
/// later (the last job of an actor, say) starts it again for just as long as it takes.
final class EventLoop: Sendable {
    /// How the loop waits for sockets.
    enum Backend: Sendable, CaseIterable {
        /// `epoll`; Linux only, and the default there.
        case epoll
        /// `poll`, for every other system; there is a test of it on Linux too.
        case poll

        /// The best one of this system.
        static var automatic: Backend {
            #if os(Linux)
                .epoll
            #else
                .poll
            #endif
        }
    }

    /// What other threads may touch.
    fileprivate struct Inbox {
        var jobs: [UnownedJob] = []
        var members: [any EventLoopMember] = []
        var sleeping = false
        var running = false
        var stopping = false
        var whenStopped: [UnsafeContinuation<Void, Never>] = []

        var isEmpty: Bool { jobs.isEmpty && members.isEmpty }
    }

    /// What only the loop's thread touches. The lock is there for the compiler: nobody ever waits for it.
    fileprivate struct Confined {
        var poller: any Poller
        var registrations: [Int32: Registration] = [:]
        var timers: Heap<LoopTimer> = []
        var flushing: [any EventLoopMember] = []
    }

    fileprivate struct Registration {
        let member: any EventLoopMember
        let token: UInt64
    }

    private let inbox = Mutex(Inbox())
    private let confined: Mutex<Confined>
    private let wakeUp: WakeUp
    private let thread = Atomic<UInt>(0)

    /// Makes a loop that has not started.
    ///
    /// - Throws: `PostgresError` with code `connectionFailed` where the system has no descriptors left.
    init(backend: Backend = .automatic) throws(PostgresError) {
        wakeUp = try WakeUp(portable: backend == .poll)
        var poller = try backend.makePoller()
        try poller.set(wakeUp.readEnd, interest: .read)
        confined = Mutex(Confined(poller: poller))
    }

    deinit {
        confined.withLock { $0.poller.close() }
    }

    /// Whether the caller runs on the loop's thread.
    var isCurrent: Bool {
        thread.load(ordering: .relaxed) == currentThreadID()
    }

    // MARK: From any thread

    /// Starts the thread, if it does not run.
    func start() {
        let starts = inbox.withLock { inbox in
            inbox.stopping = false
            defer { inbox.running = true }
            return !inbox.running
        }
        if starts { startThread() }
    }

    /// Asks the thread to end when it has no work left, and waits until it has.
    ///
    /// The members must have forgotten their sockets before.
    func stop() async {
        precondition(!isCurrent, "a loop cannot wait for itself")
        await withUnsafeContinuation { continuation in
            let runs = inbox.withLock { inbox in
                inbox.stopping = true
                if inbox.running { inbox.whenStopped.append(continuation) }
                return inbox.running
            }
            if runs { wakeUp.signal() } else { continuation.resume() }
        }
    }

    /// Has the member's `drain()` called in the loop's next turn.
    func schedule(_ member: any EventLoopMember) {
        post { $0.members.append(member) }
    }

    /// Has the job run in the loop's next turn.
    func schedule(_ job: UnownedJob) {
        post { $0.jobs.append(job) }
    }

    private func post(_ add: (inout Inbox) -> Void) {
        let (starts, wakes) = inbox.withLock { inbox in
            add(&inbox)
            let starts = !inbox.running
            let wakes = inbox.sleeping
            inbox.running = true
            inbox.sleeping = false
            return (starts, wakes)
        }
        if starts {
            startThread()
        } else if wakes {
            wakeUp.signal()
        }
    }

    // MARK: On the loop's thread

    /// Watches a socket, or changes what is watched for.
    ///
    /// The member must call ``forget(_:)`` before the descriptor is closed.
    func watch(_ descriptor: Int32, for interest: Interest, member: any EventLoopMember, token: UInt64 = 0) {
        precondition(isCurrent, "sockets belong to the loop's thread")
        let failed = confined.withLock { confined in
            confined.registrations[descriptor] = Registration(member: member, token: token)
            do {
                try confined.poller.set(descriptor, interest: interest)
                return false
            } catch {
                return true
            }
        }
        // Told later, because the owner is in the middle of something.
        if failed { timer(at: .now, member: member, token: LoopTimer.failureToken) }
    }

    /// Stops watching a socket.
    func forget(_ descriptor: Int32) {
        precondition(isCurrent, "sockets belong to the loop's thread")
        confined.withLock { confined in
            confined.registrations[descriptor] = nil
            confined.poller.remove(descriptor)
        }
    }

    /// Has the member's `timerFired(_:)` called at that time or a little later. A timer cannot be taken back: give it a
    /// token, and ignore it when it is no longer the one that is waited for.
    func timer(at deadline: ContinuousClock.Instant, member: any EventLoopMember, token: UInt64) {
        precondition(isCurrent, "timers belong to the loop's thread")
        confined.withLock { $0.timers.insert(LoopTimer(deadline: deadline, member: member, token: token)) }
    }

    /// Has the member's `turnEnded()` called once, when this turn's work is done and before the loop waits.
    func flushAtEndOfTurn(_ member: any EventLoopMember) {
        precondition(isCurrent, "only the loop's thread knows its turns")
        confined.withLock { $0.flushing.append(member) }
    }

    // MARK: The thread

    private func startThread() {
        startDetachedThread(named: "skald-loop") { [self] in run() }
    }

    private func run() {
        thread.store(currentThreadID(), ordering: .relaxed)
        var jobs: [UnownedJob] = []
        var members: [any EventLoopMember] = []
        var ready: [Ready] = []
        while takeWork(&jobs, &members) {
            for job in jobs { run(job) }
            for member in members { member.drain() }
            jobs.removeAll(keepingCapacity: true)
            members.removeAll(keepingCapacity: true)
            fireTimers()
            flush()
            wait(&ready)
        }
    }

    /// Takes what was posted; false when the thread has to end.
    private func takeWork(_ jobs: inout [UnownedJob], _ members: inout [any EventLoopMember]) -> Bool {
        if inbox.withLock({ $0.stopping && $0.isEmpty }) { dropMembers() }
        let waiters: [UnsafeContinuation<Void, Never>]? = inbox.withLock { inbox in
            swap(&jobs, &inbox.jobs)
            swap(&members, &inbox.members)
            // A member that has just been dropped may have posted something.
            guard inbox.stopping, jobs.isEmpty, members.isEmpty else { return nil }
            inbox.running = false
            thread.store(0, ordering: .relaxed)
            defer { inbox.whenStopped = [] }
            return inbox.whenStopped
        }
        guard let waiters else { return true }
        for waiter in waiters { waiter.resume() }
        return false
    }

    /// Lets go of what would keep members alive, and those the loop: before `stop` returns, and before another thread can
    /// take this one's place. Dropped outside of the lock, since that may end members.
    private func dropMembers() {
        _ = confined.withLock { confined in
            defer { (confined.timers, confined.flushing) = ([], []) }
            return (confined.timers, confined.flushing)
        }
    }

    private func fireTimers() {
        let now = ContinuousClock.now
        while let timer = confined.withLock({ $0.popTimer(dueAt: now) }) {
            if timer.token == LoopTimer.failureToken {
                timer.member.socketFailed()
            } else {
                timer.member.timerFired(timer.token)
            }
        }
    }

    private func flush() {
        while true {
            let members = confined.withLock { confined in
                defer { confined.flushing.removeAll(keepingCapacity: true) }
                return confined.flushing
            }
            if members.isEmpty { return }
            for member in members { member.turnEnded() }
        }
    }

    private func wait(_ ready: inout [Ready]) {
        let sleeps = inbox.withLock { inbox in
            inbox.sleeping = inbox.isEmpty && !inbox.stopping
            return inbox.sleeping
        }
        ready.removeAll(keepingCapacity: true)
        confined.withLock { confined in
            let timeout = sleeps ? confined.timeout(from: .now) : 0
            confined.poller.wait(milliseconds: timeout, into: &ready)
        }
        if sleeps { inbox.withLock { $0.sleeping = false } }
        for event in ready {
            if event.descriptor == wakeUp.readEnd {
                wakeUp.acknowledge()
            } else if let found = confined.withLock({ $0.registrations[event.descriptor] }) {
                found.member.socketReady(event.readiness, token: found.token)
            }
        }
    }
}

extension EventLoop.Confined {
    fileprivate mutating func popTimer(dueAt now: ContinuousClock.Instant) -> LoopTimer? {
        guard let first = timers.min, first.deadline <= now else { return nil }
        return timers.popMin()
    }

    /// Milliseconds until the next timer, rounded up so that it is due when the loop wakes; -1 where there is none.
    fileprivate func timeout(from now: ContinuousClock.Instant) -> Int32 {
        guard let first = timers.min else { return -1 }
        let left = first.deadline - now
        if left <= .zero { return 0 }
        let milliseconds = (left / .milliseconds(1)).rounded(.up)
        return Int32(min(milliseconds, 3_600_000))
    }
}

import DequeModule

/// What a connection does next: requests, results, cancellations and time go in; what to send, whom to answer and when to
/// close come out. It does no I/O and knows no clock.
///
///                    submit                         last result and Sync
///      idle ───────────────────────▶ pipelining ─────────────────────────▶ idle
///       │                                │  ▲
///       │ submit (script, COPY)          │  └─ submit: more requests behind those in flight
///       ▼                                │
///     outside ── last result ──▶ idle    │ cancel (exclusive)         in flight drained and
///       │                                ▼                            the request delivered
///       └───────── cancel ──────▶ cancelling ──▶ barrier (a lone Sync) ──▶ idle
///
///     any ── connection lost, cancel not settled in time, head of the line stuck ──▶ closed
///
/// In the pipeline each request ends in a Sync of its own, so that requests do not share a fate. On a shared connection a
/// request that nobody waits for any more is drained and discarded; on an exclusive one the server is asked to cancel it,
/// and nothing is sent before that has settled, or the cancel could hit the next statement.
struct ConnectionState<Request: AnyObject, Output> {
    /// Whether the connection serves many callers at once or one.
    enum Role {
        case shared
        case exclusive
    }

    /// One command that libpq was given, in the order in which it answers.
    enum Command: Equatable {
        case prepare(statement: Int)
        case execute(statement: Int?)
        /// What the connection does for itself, such as dropping a prepared statement.
        case housekeeping
        case sync
    }

    /// What has become of a request that is in flight.
    enum Fate {
        case wanted
        /// The caller was answered already; the results are thrown away.
        case abandoned
        /// The server was asked to cancel it; the caller waits to hear how that ended.
        case cancelling(CancelReason)
    }

    /// A request whose results are awaited. Without a request it is a barrier of the connection's own.
    struct Entry {
        let request: Request?
        var deadline: ContinuousClock.Instant
        var isCancellable = true
        var fate = Fate.wanted
        var outputs: [Output] = []
        var firstOutput: Output?
        var error: PostgresError?
        /// Whether the error says that a prepared statement has to be prepared again; then nothing was run.
        var isStale = false
        /// Whether it was sent before.
        var isRepeated = false
    }

    enum Mode {
        case pipeline
        case outside
        case closed
    }

    enum Cancel {
        case none
        /// On its way, on a helper thread.
        case sending(until: ContinuousClock.Instant)
        /// Delivered; the statement may still run, because the cancel can arrive before it.
        case delivered(until: ContinuousClock.Instant, again: ContinuousClock.Instant)
        /// Settled, but for a round trip that takes a late signal.
        case barrier(until: ContinuousClock.Instant)
    }

    let role: Role
    let limits: ConnectionLimits
    var mode = Mode.pipeline
    var cancel = Cancel.none
    var commands: Deque<Command> = []
    var inFlight: Deque<Entry> = []
    var held: Deque<Held> = []

    /// Since when the first request in flight has been the first.
    var headSince: ContinuousClock.Instant?

    struct Held {
        let request: Request
        let alone: Bool
        let outside: Bool
        let isCancellable: Bool
        let isRepeated: Bool
        let deadline: ContinuousClock.Instant
    }

    init(role: Role, limits: ConnectionLimits) {
        self.role = role
        self.limits = limits
    }

    /// The request whose results come next.
    var headRequest: Request? { inFlight.first?.request }

    /// How many results it has so far.
    var headOutputCount: Int { inFlight.first.map { ($0.firstOutput == nil ? 0 : 1) + $0.outputs.count } ?? 0 }

    var isInPipeline: Bool { mode == .pipeline }
    var isClosed: Bool { mode == .closed }
    var inFlightCount: Int { inFlight.count }
    /// Whether nobody waits for anything: what is in flight is the connection's own, or its callers have gone.
    var isQuiet: Bool {
        held.isEmpty
            && inFlight.allSatisfy { entry in
                if case .abandoned = entry.fate { true } else { entry.request == nil }
            }
    }

    /// Whether libpq still owes results.
    var awaitsResults: Bool { !inFlight.isEmpty && mode != .closed }

    var isSettled: Bool {
        if case .none = cancel { true } else { false }
    }
}

// MARK: Sending

extension ConnectionState {
    /// What to do with a request.
    enum Submission {
        /// Send it now, in the pipeline: `queue` each command that libpq is given, the Sync last.
        case send(Request)
        /// Leave the pipeline mode, and send it now.
        case sendOutside(Request)
        /// Send a lone Sync.
        case sendBarrier
        /// It waits for what is in flight; `next` will bring it up.
        case held
        /// The connection is closed, so it was not sent.
        case refused
    }

    mutating func submit(
        _ request: Request, alone: Bool = false, outside: Bool = false, isCancellable: Bool = true,
        isRepeated: Bool = false, deadline: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) -> Submission {
        let item = Held(
            request: request, alone: alone || outside, outside: outside, isCancellable: isCancellable,
            isRepeated: isRepeated, deadline: deadline)
        if mode == .closed { return .refused }
        let mustWait = mode == .outside || !held.isEmpty || !isSettled || (item.alone && !inFlight.isEmpty)
        guard !mustWait else {
            held.append(item)
            return .held
        }
        return begin(item, now: now)
    }

    /// What can be sent now; nil when there is nothing more. To be asked until it says nil after every result and event.
    mutating func next(now: ContinuousClock.Instant) -> Submission? {
        if case .delivered(let until, _) = cancel, inFlight.isEmpty, mode == .pipeline {
            cancel = .barrier(until: until)
            append(Entry(request: nil, deadline: until), now: now)
            return .sendBarrier
        }
        guard isSettled, mode == .pipeline, let first = held.first, !first.alone || inFlight.isEmpty else {
            return nil
        }
        held.removeFirst()
        return begin(first, now: now)
    }

    private mutating func begin(_ item: Held, now: ContinuousClock.Instant) -> Submission {
        var entry = Entry(request: item.request, deadline: item.deadline, isCancellable: item.isCancellable)
        entry.isRepeated = item.isRepeated
        append(entry, now: now)
        guard item.outside else { return .send(item.request) }
        mode = .outside
        return .sendOutside(item.request)
    }

    private mutating func append(_ entry: Entry, now: ContinuousClock.Instant) {
        if inFlight.isEmpty { headSince = now }
        inFlight.append(entry)
    }

    /// Whether something of the connection's own can be sent now: `queue` its commands, the Sync last.
    mutating func beginHousekeeping(now: ContinuousClock.Instant) -> Bool {
        guard mode == .pipeline, isSettled, held.isEmpty, role == .shared || inFlight.isEmpty else { return false }
        append(Entry(request: nil, deadline: now), now: now)
        return true
    }

    /// Notes a command that libpq was given.
    mutating func queue(_ command: Command) {
        commands.append(command)
    }
}

// MARK: Results

extension ConnectionState {
    /// What libpq gave.
    enum Received {
        case output(Output)
        case failure(PostgresError, isStale: Bool = false)
        /// Not run, because an earlier command of the same request failed.
        case aborted
        case sync
        /// The end of one command's results.
        case end
    }

    /// What a result leads to.
    enum Reaction {
        case nothing
        /// The statement was not prepared after all.
        case forget(statement: Int)
        /// Every result of the first request in flight is there.
        case completed(Entry)
        /// What libpq gave cannot come here: the connection is not to be trusted any more.
        case violation
    }

    mutating func received(_ received: Received, now: ContinuousClock.Instant) -> Reaction {
        guard !inFlight.isEmpty else { return .violation }
        switch received {
        case .output(let output):
            keep(output)
            return .nothing
        case .failure(let error, let isStale):
            return note(error, isStale: isStale)
        case .aborted:
            if case .prepare(let statement)? = commands.first { return .forget(statement: statement) }
            return .nothing
        case .end:
            if mode == .outside {
                mode = .pipeline
                return complete(now: now)
            }
            // libpq ends an error that came with the Sync itself with nil, too; the Sync is still to come.
            if commands.first == .sync { return inFlight[0].error == nil ? .violation : .nothing }
            return commands.popFirst() == nil ? .violation : .nothing
        case .sync:
            guard mode == .pipeline, commands.popFirst() == .sync else { return .violation }
            return complete(now: now)
        }
    }

    private mutating func keep(_ output: Output) {
        // Only what a caller asked for is kept: nothing of a prepare, and nothing that nobody waits for.
        if mode == .pipeline, case .execute? = commands.first {} else if mode == .pipeline { return }
        if case .abandoned = inFlight[0].fate { return }
        if inFlight[0].firstOutput == nil {
            inFlight[0].firstOutput = output
        } else {
            inFlight[0].outputs.append(output)
        }
    }

    private mutating func note(_ error: PostgresError, isStale: Bool) -> Reaction {
        guard mode == .pipeline else {
            if inFlight[0].error == nil { inFlight[0].error = error }
            return .nothing
        }
        switch commands.first {
        case .housekeeping:
            return .nothing
        case .prepare(let statement):
            if inFlight[0].error == nil { inFlight[0].error = error }
            return .forget(statement: statement)
        case .execute(let statement):
            if inFlight[0].error == nil {
                inFlight[0].error = error
                inFlight[0].isStale = isStale && statement != nil
            }
            return .nothing
        case .sync, nil:
            // An error at the Sync itself: the commit of the implicit transaction failed, such as a deferred constraint.
            if inFlight[0].error == nil { inFlight[0].error = error }
            return .nothing
        }
    }

    private mutating func complete(now: ContinuousClock.Instant) -> Reaction {
        let entry = inFlight.removeFirst()
        headSince = inFlight.isEmpty ? nil : now
        if case .barrier = cancel, entry.request == nil { cancel = .none }
        return .completed(entry)
    }
}

/// Why a request is given up.
enum CancelReason {
    case taskCancelled
    case deadline
}

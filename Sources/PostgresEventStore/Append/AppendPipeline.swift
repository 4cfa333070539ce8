import EventSourcing
import Logging
import Postgres
import Synchronization

/// The shell around `AppendQueue`: callers put appends in and wait, a few workers send group after group.
///
/// A group is one statement and one transaction, so one flush to disk for all. Nobody is told of success before that
/// transaction has committed: the client gives an answer only at the Sync behind it. An append whose stream was busy goes
/// through a lane of its own, where waiting for a lock holds up nobody else. An append whose outcome is unknown, because the
/// connection died before the answer, is sent again with the same id until its deadline: the id tells what happened.
final class AppendPipeline: Sendable {
    typealias Reply = CheckedContinuation<Result<AppendResult, EventStoreError>, Never>
    typealias Member = AppendQueue<Ticket>.Member

    /// Where one caller waits. A reference, so that a cancelled caller finds its append again.
    final class Ticket: Sendable {
        let reply = Mutex<Reply?>(nil)

        func complete(_ result: Result<AppendResult, EventStoreError>) {
            reply.withLock { reply in
                defer { reply = nil }
                return reply
            }?.resume(returning: result)
        }
    }

    private enum Phase { case notRunning, running, draining, stopped }

    private struct State {
        var phase = Phase.notRunning
        var queue: AppendQueue<Ticket>
        var lane: [Member] = []
        var idleGroupWorkers: [CheckedContinuation<[Member]?, Never>] = []
        var idleLaneWorkers: [CheckedContinuation<Member?, Never>] = []
        var awaitingStart: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let client: PostgresClient
    private let statements: AppendStatements
    private let configuration: PostgresEventStore.Configuration
    private let metrics: EventStoreMetrics
    private let logger: Logger
    private let committed: @Sendable () -> Void

    /// - Parameter committed: called after each commit that appended something: there is something new to read.
    init(
        client: PostgresClient, statements: AppendStatements, configuration: PostgresEventStore.Configuration,
        metrics: EventStoreMetrics, logger: Logger, committed: @escaping @Sendable () -> Void
    ) {
        self.client = client
        self.statements = statements
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
        self.committed = committed
        state = Mutex(State(queue: AppendQueue(limits: configuration.groups)))
    }

    // MARK: Callers

    /// Appends and waits until it is known to have happened or not.
    func append(_ append: EncodedAppend) async throws(EventStoreError) -> AppendResult {
        let begun = ContinuousClock.now
        let ticket = Ticket()
        let member = Member(append: append, reply: ticket, deadline: begun + configuration.appendTimeout)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (reply: Reply) in
                ticket.reply.withLock { $0 = reply }
                submit(member)
            }
        } onCancel: {
            withdraw(ticket)
        }
        metrics.appended(result, events: append.events.count, took: begun.duration(to: .now))
        return try result.get()
    }

    private func submit(_ member: Member) {
        let refusal: EventStoreError? = state.withLock { state in
            switch state.phase {
            case .notRunning, .stopped: return .storeNotRunning
            case .draining: return .storeDraining
            case .running: break
            }
            guard !Task.isCancelled else { return .cancelled }
            guard state.queue.enqueue(member) else { return .tooManyAppends(configuration.groups.waiting) }
            return nil
        }
        if let refusal { member.reply.complete(.failure(refusal)) } else { dispatch() }
    }

    /// A cancelled caller's append is taken back if it was not sent yet; else its answer is awaited, which is bounded.
    private func withdraw(_ ticket: Ticket) {
        let waited = state.withLock { $0.queue.remove { $0.reply === ticket } }
        if waited { ticket.complete(.failure(.cancelled)) }
    }

    /// Returns once `run()` serves callers.
    func started() async {
        await withCheckedContinuation { (starter: CheckedContinuation<Void, Never>) in
            let isStarted = state.withLock { state in
                if state.phase != .notRunning { return true }
                state.awaitingStart.append(starter)
                return false
            }
            if isStarted { starter.resume() }
        }
    }

    // MARK: Workers

    /// Serves callers until graceful shutdown or cancellation, then finishes what was let in.
    func run() async {
        let starters = state.withLock { state in
            precondition(state.phase == .notRunning, "PostgresEventStore.run() was called twice")
            state.phase = .running
            defer { state.awaitingStart = [] }
            return state.awaitingStart
        }
        for starter in starters { starter.resume() }
        await withTaskGroup { group in
            for _ in 0..<configuration.concurrentGroups {
                group.addTask { while let members = await self.nextGroup() { await self.send(members) } }
            }
            for _ in 0..<configuration.lanes {
                group.addTask { while let member = await self.nextInLane() { await self.sendAlone(member) } }
            }
        }
        let left = state.withLock { state in
            state.phase = .stopped
            return state.queue.removeAll() + state.lane
        }
        for member in left { member.reply.complete(.failure(.storeNotRunning)) }
    }

    /// Lets nobody in any more; `run()` returns when the last append that was let in is answered.
    func drain() {
        let (groups, lanes) = state.withLock { state in
            if state.phase == .running { state.phase = .draining }
            return Self.releaseIfDone(&state)
        }
        for worker in groups { worker.resume(returning: nil) }
        for worker in lanes { worker.resume(returning: nil) }
    }

    private func nextGroup() async -> [Member]? {
        await withCheckedContinuation { (worker: CheckedContinuation<[Member]?, Never>) in
            state.withLock { $0.idleGroupWorkers.append(worker) }
            dispatch()
        }
    }

    private func nextInLane() async -> Member? {
        await withCheckedContinuation { (worker: CheckedContinuation<Member?, Never>) in
            state.withLock { $0.idleLaneWorkers.append(worker) }
            dispatch()
        }
    }

    /// Brings work and idle workers together.
    private func dispatch() {
        var groups: [(CheckedContinuation<[Member]?, Never>, [Member]?)] = []
        var lanes: [(CheckedContinuation<Member?, Never>, Member?)] = []
        var expired: [Member] = []
        state.withLock { state in
            while !state.idleGroupWorkers.isEmpty, state.queue.count > 0 {
                let next = state.queue.nextGroup(now: .now)
                expired += next.expired
                if next.group.isEmpty { break }  // all of it waits for streams in flight
                groups.append((state.idleGroupWorkers.removeLast(), next.group))
            }
            while !state.idleLaneWorkers.isEmpty, !state.lane.isEmpty {
                lanes.append((state.idleLaneWorkers.removeLast(), state.lane.removeFirst()))
            }
            let released = Self.releaseIfDone(&state)
            groups += released.0.map { ($0, nil) }
            lanes += released.1.map { ($0, nil) }
        }
        for member in expired { member.reply.complete(.failure(.timedOutInQueue)) }
        for (worker, members) in groups { worker.resume(returning: members) }
        for (worker, member) in lanes { worker.resume(returning: member) }
    }

    /// When draining and nothing is left, the idle workers go home.
    private static func releaseIfDone(
        _ state: inout State
    ) -> ([CheckedContinuation<[Member]?, Never>], [CheckedContinuation<Member?, Never>]) {
        guard state.phase == .draining, state.queue.count == 0, state.lane.isEmpty, state.queue.isIdle else {
            return ([], [])
        }
        defer {
            state.idleGroupWorkers = []
            state.idleLaneWorkers = []
        }
        return (state.idleGroupWorkers, state.idleLaneWorkers)
    }

    /// Streams are free again, and some appends go back into the line or into the lane.
    private func finish(_ members: [Member], again: [Member] = [], lane: [Member] = []) {
        state.withLock { state in
            let busy = Set(lane.map(\.append.stream))
            state.queue.finished(members.lazy.map(\.append.stream).filter { !busy.contains($0) })
            state.queue.again(again)
            state.lane += lane
        }
        dispatch()
    }
}

// MARK: Sending

extension AppendPipeline {
    /// What becomes of members that got no answer.
    private struct Unanswered {
        var again: [Member] = []
        var lane: [Member] = []
    }

    private func send(_ members: [Member]) async {
        metrics.groupSent(size: members.count)
        let unanswered = await attempt(members)
        finish(members, again: unanswered.again, lane: unanswered.lane)
    }

    /// Sends a group and answers its members. If the group fails for one member's fault, it is halved until that one is
    /// alone with it; one half after the other, because two appends to one stream must not overtake each other.
    private func attempt(_ members: [Member]) async -> Unanswered {
        let sql =
            members.count == 1
            ? statements.one(members[0].append, waits: false) : statements.group(members.map(\.append))
        do {
            let rows = try await client.query(sql, deadline: configuration.statementTimeout)
            let outcomes =
                members.count == 1
                ? [try statements.outcome(of: rows)] : try statements.outcomes(of: rows, count: members.count)
            return settle(members, outcomes)
        } catch let error as PostgresError {
            let isOneMembersFault = error.outcome == .failed || error.sqlState == .lockNotAvailable
            guard members.count > 1, error.code == .server, isOneMembersFault else {
                return await recover(members, from: error)
            }
            let middle = members.count / 2
            var unanswered = await attempt(Array(members[..<middle]))
            let rest = await attempt(Array(members[middle...]))
            unanswered.again += rest.again
            unanswered.lane += rest.lane
            return unanswered
        } catch {
            return fail(members) { _ in error as? EventStoreError ?? EventStoreError(.unavailable, "\(error)") }
        }
    }

    private func settle(_ members: [Member], _ outcomes: [AppendOutcome]) -> Unanswered {
        var unanswered = Unanswered()
        var appended = false
        for (member, outcome) in zip(members, outcomes) {
            if case .appended = outcome { appended = true }
            if let result = outcome.result(of: member.append) {
                member.reply.complete(result)
            } else {
                unanswered.lane.append(member)
            }
        }
        if appended { committed() }
        return unanswered
    }

    private func fail(_ members: [Member], _ error: (Member) -> EventStoreError) -> Unanswered {
        for member in members { member.reply.complete(.failure(error(member))) }
        return Unanswered()
    }

    private func recover(_ members: [Member], from error: PostgresError) async -> Unanswered {
        if error.sqlState == .lockNotAvailable {  // the stream is just being created by somebody
            return Unanswered(lane: members)
        }
        // A cancelled run() is a hard stop: nothing more can be sent, so nothing more can be found out.
        guard error.outcome != .failed, error.code != .notRunning, error.code != .closed, !Task.isCancelled else {
            return fail(members) { EventStoreError(appending: error, to: $0.append.stream) }
        }
        logger.debug(
            "an append group is sent again",
            metadata: ["skald.appends": "\(members.count)", "error": "\(error)", "outcome": "\(error.outcome)"])
        await pause(attempts: members.map(\.attempts).max() ?? 0)
        var unanswered = Unanswered()
        for var member in members {
            member.attempts += 1
            // Once unknown, always unknown: a later refusal does not say what became of the first attempt.
            member.isUnknown = member.isUnknown || error.outcome == .unknown
            member.append.mayBeRepeated = member.append.mayBeRepeated || member.isUnknown
            if member.deadline > .now {
                unanswered.again.append(member)
            } else {
                let failure = EventStoreError(
                    appending: member.isUnknown ? error.asUnknown : error, to: member.append.stream)
                member.reply.complete(.failure(failure))
            }
        }
        return unanswered
    }

    /// An append whose stream somebody holds: on a connection of its own it may wait for the lock, until its deadline.
    private func sendAlone(_ member: Member) async {
        let unanswered = await attemptAlone(member)
        finish([member], again: unanswered.again, lane: unanswered.lane)
    }

    private func attemptAlone(_ member: Member) async -> Unanswered {
        let remaining = ContinuousClock.now.duration(to: member.deadline)
        guard remaining > .zero else { return fail([member]) { .streamHeld($0.append.stream) } }
        let sql = statements.one(member.append, waits: true)
        do {
            let outcome = try await client.withConnection { connection in
                try statements.outcome(of: try await connection.query(sql, deadline: remaining))
            }
            return settle([member], [outcome])
        } catch let error as PostgresError where error.sqlState == .queryCanceled {
            // Cancelled by us at the deadline, and the server says so: it did not happen.
            return fail([member]) { .streamHeld($0.append.stream) }
        } catch let error as PostgresError {
            return await recover([member], from: error)
        } catch {
            return fail([member]) { _ in error as? EventStoreError ?? EventStoreError(.unavailable, "\(error)") }
        }
    }

    /// Full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015): 10 ms doubling up to 1 s.
    private func pause(attempts: Int) async {
        let ceiling = Duration.milliseconds(min(1_000, 10 << min(attempts, 7)))
        try? await Task.sleep(for: ceiling * Double.random(in: 0...1))
    }
}

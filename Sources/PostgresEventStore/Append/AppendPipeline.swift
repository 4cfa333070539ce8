import EventSourcing
import Logging
import Postgres
import Synchronization

/// The shell around `AppendQueue`: callers put appends in and wait, a few workers send group after group.
///
/// A group is one statement and one transaction, so one flush to disk for all. Nobody is told of success before that
/// transaction has committed: the client gives an answer only at the Sync behind it. A caller who finds nobody waiting and a
/// worker idle sends its append by itself, in that worker's place, which saves two changes of thread. An append whose stream
/// was busy goes through a lane, where waiting for a lock holds up nobody else. A timekeeper answers those whose time is up
/// while they wait, or while a worker of theirs waits for the database on behalf of others.
///
/// An append whose outcome is unknown, because the connection died before the answer, is sent again with the same id until
/// its deadline: the id tells what happened. From then on nothing but the database's verdict is reported as definite.
final class AppendPipeline: Sendable {
    typealias Member = AppendQueue<Ticket>.Member

    fileprivate enum Phase { case notRunning, running, draining, stopped }

    fileprivate struct State {
        var phase = Phase.notRunning
        var queue: AppendQueue<Ticket>
        var idleGroupWorkers: [CheckedContinuation<[Member]?, Never>] = []
        var idleLaneWorkers: [CheckedContinuation<Member?, Never>] = []
        var awaitingStart: [CheckedContinuation<Void, Never>] = []
        /// Appends that are being sent by group workers, or in their place.
        var sent = 0
        /// What workers are sending, by the number of the first. (A caller that sends for itself has its own deadline.)
        var sending: [UInt64: [Member]] = [:]
        /// Callers who append past the line, and are let in and waited for like the others.
        var outside = 0
        /// The timekeeper, while nobody waits.
        var idleTimekeeper: CheckedContinuation<Bool, Never>?
        /// The clock that ends the gathering, while there is none to end.
        var idleClock: CheckedContinuation<Bool, Never>?

        /// Why nobody is let in now.
        var refusal: EventStoreError? {
            switch phase {
            case .notRunning, .stopped: .storeNotRunning
            case .draining: .storeDraining
            case .running: nil
            }
        }
    }

    /// A worker whose place a caller has taken for one append.
    private typealias Place = CheckedContinuation<[Member]?, Never>

    private let state: Mutex<State>
    private let sender: AppendSender
    private let configuration: PostgresEventStore.Configuration
    private let metrics: EventStoreMetrics

    init(sender: AppendSender, configuration: PostgresEventStore.Configuration, metrics: EventStoreMetrics) {
        self.sender = sender
        self.configuration = configuration
        self.metrics = metrics
        state = Mutex(State(queue: AppendQueue(limits: configuration.groups)))
    }

    // MARK: Callers

    /// Appends and waits until it is known to have happened or not.
    func append(_ append: EncodedAppend) async throws(EventStoreError) -> AppendResult {
        let begun = ContinuousClock.now
        let ticket = Ticket()
        let member = Member(append: append, reply: ticket, deadline: begun + configuration.appendTimeout)
        if let (place, member) = takePlace(for: member) {
            await send([member], isCallersOwn: true)
            giveBack(place)
        }  // else it was put in line, or refused
        let result = await withTaskCancellationHandler {
            await ticket.outcome()
        } onCancel: {
            withdraw(ticket)
        }
        metrics.appended(result, events: append.events.count, took: begun.duration(to: .now))
        return try result.get()
    }

    /// Lets an append in: gives its caller a worker's place where there is nobody to be gathered with, or puts it in line.
    private func takePlace(for member: Member) -> (Place, Member)? {
        let (refusal, taken): (EventStoreError?, (Place, Member)?) = state.withLock { state in
            if let refusal = state.refusal { return (refusal, nil) }
            guard !Task.isCancelled else { return (.cancelled, nil) }
            if !state.idleGroupWorkers.isEmpty, let member = state.queue.beginAlone(member, sent: state.sent) {
                state.sent += 1
                return (nil, (state.idleGroupWorkers.removeLast(), member))
            }
            guard state.queue.enqueue(member) else { return (.tooManyAppends(configuration.groups.waiting), nil) }
            return (nil, nil)
        }
        if let refusal { member.reply.complete(.failure(refusal)) } else if taken == nil { dispatch() }
        return taken
    }

    /// Lets in somebody who appends past the line. `run()` does not end before `leave()` is called.
    func enter() throws(EventStoreError) {
        let refusal = state.withLock { state in
            let refusal = state.refusal
            if refusal == nil { state.outside += 1 }
            return refusal
        }
        if let refusal { throw refusal }
    }

    func leave() {
        state.withLock { $0.outside -= 1 }
        dispatch()
    }

    /// Whether callers are still let in.
    var isRunning: Bool { state.withLock { $0.phase == .running } }

    private func giveBack(_ place: Place) {
        state.withLock { $0.idleGroupWorkers.append(place) }
        dispatch()
    }

    /// A cancelled caller's append is taken back if it is not being sent; else its answer is awaited, which is bounded.
    private func withdraw(_ ticket: Ticket) {
        let waiting = state.withLock { state in
            var found: Member?
            let isTaken = state.queue.remove {
                guard $0.reply === ticket else { return false }
                found = $0
                return true
            }
            return isTaken ? found : nil
        }
        if let waiting { waiting.fail(.cancelled) }
        dispatch()
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
        await withTaskGroup { timekeeping in
            timekeeping.addTask { await self.keepTime() }
            await withTaskGroup { group in
                for _ in 0..<configuration.concurrentGroups {
                    group.addTask {
                        while let members = await self.nextGroup() { await self.send(members, isCallersOwn: false) }
                    }
                }
                for _ in 0..<configuration.lanes {
                    group.addTask { while let member = await self.nextInLane() { await self.sendInLane(member) } }
                }
                group.addTask {
                    while await self.gatheringBegun() {
                        try? await Task.sleep(for: self.configuration.gatheringTime)
                        self.dispatch(isGathered: true)
                    }
                }
            }
            timekeeping.cancelAll()
        }
        let left = state.withLock { state in
            state.phase = .stopped
            return state.queue.removeAll()
        }
        for member in left { member.fail(.storeNotRunning) }
    }

    /// Lets nobody in any more; `run()` returns when the last append that was let in is answered.
    func drain() {
        state.withLock { state in
            if state.phase == .running { state.phase = .draining }
        }
        dispatch()
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

    /// Returns true when somebody waits for others to be gathered with, false at the end.
    private func gatheringBegun() async -> Bool {
        await withCheckedContinuation { (clock: CheckedContinuation<Bool, Never>) in
            state.withLock { $0.idleClock = clock }
            dispatch()
        }
    }

    /// Brings work and idle workers together. When draining and nothing is left, the idle workers go home.
    ///
    /// - Parameter isGathered: What waits has waited long enough for others to go with.
    private func dispatch(isGathered: Bool = false) {
        var clock: (CheckedContinuation<Bool, Never>, Bool)?
        var timekeeper: (CheckedContinuation<Bool, Never>, Bool)?
        var groups: [(CheckedContinuation<[Member]?, Never>, [Member]?)] = []
        var lanes: [(CheckedContinuation<Member?, Never>, Member?)] = []
        var expired: [Member] = []
        state.withLock { state in
            let isGathered = isGathered || state.phase != .running
            while !state.idleGroupWorkers.isEmpty, state.queue.hasReady {
                guard isGathered || state.queue.isWorthAGroup(sent: state.sent) else {
                    clock = state.idleClock.map { ($0, true) }
                    state.idleClock = nil
                    break
                }
                let next = state.queue.nextGroup(now: .now)
                expired += next.expired
                if next.group.isEmpty { continue }  // what was ready was late, or stands behind others now
                state.sent += next.group.count
                state.sending[next.group[0].number] = next.group
                groups.append((state.idleGroupWorkers.removeLast(), next.group))
            }
            while !state.idleLaneWorkers.isEmpty, let member = state.queue.nextInLane() {
                state.sending[member.number] = [member]
                lanes.append((state.idleLaneWorkers.removeLast(), member))
            }
            if let idle = state.idleTimekeeper, state.queue.count > 0 || !state.sending.isEmpty {
                timekeeper = (idle, true)
                state.idleTimekeeper = nil
            }
            guard state.phase == .draining, state.queue.isIdle, state.outside == 0 else { return }
            groups += state.idleGroupWorkers.map { ($0, nil) }
            lanes += state.idleLaneWorkers.map { ($0, nil) }
            state.idleGroupWorkers = []
            state.idleLaneWorkers = []
            clock = clock ?? state.idleClock.map { ($0, false) }
            state.idleClock = nil
            timekeeper = timekeeper ?? state.idleTimekeeper.map { ($0, false) }
            state.idleTimekeeper = nil
        }
        for member in expired { member.fail(.timedOutInQueue) }
        for (worker, members) in groups { worker.resume(returning: members) }
        for (worker, member) in lanes { worker.resume(returning: member) }
        if let (clock, isWanted) = clock { clock.resume(returning: isWanted) }
        if let (timekeeper, isWanted) = timekeeper { timekeeper.resume(returning: isWanted) }
    }

    private func send(_ members: [Member], isCallersOwn: Bool) async {
        metrics.groupSent(size: members.count)
        let first = members[0].number
        let members = members.sortedByStream()
        let unanswered = await sender.send(members, isCallersOwn: isCallersOwn)
        state.withLock { state in
            state.sent -= members.count
            if !isCallersOwn { state.sending[first] = nil }
        }
        finish(members, unanswered)
    }

    private func sendInLane(_ member: Member) async {
        let unanswered = await sender.sendInLane(member)
        state.withLock { $0.sending[member.number] = nil }
        finish([member], unanswered)
    }

    private func finish(_ members: [Member], _ unanswered: AppendSender.Unanswered) {
        state.withLock { $0.queue.finished(members, again: unanswered.again, busy: unanswered.busy) }
        dispatch()
    }

    // MARK: Time

    /// Answers callers whose time is up, until cancelled or at the end.
    private func keepTime() async {
        while !Task.isCancelled, await someoneWaits() {
            // What is sent again has less time than what is new, so it looks now and then.
            let now = ContinuousClock.now
            let earliest = state.withLock { $0.earliestDeadline } ?? now + .seconds(1)
            try? await Task.sleep(until: max(min(earliest, now + .seconds(1)), now + .milliseconds(10)))
            expire()
        }
    }

    /// Returns true when somebody's time is to be kept, false at the end.
    private func someoneWaits() async -> Bool {
        await withCheckedContinuation { (timekeeper: CheckedContinuation<Bool, Never>) in
            state.withLock { $0.idleTimekeeper = timekeeper }
            dispatch()
        }
    }

    private func expire() {
        let now = ContinuousClock.now
        let (waiting, sent) = state.withLock { state in
            (state.queue.removeExpired(now: now), state.takeOverdue(now: now))
        }
        for member in waiting.inLine { member.fail(.timedOutInQueue) }
        for member in waiting.inLane { member.fail(.timedOutInLane(member.append.stream)) }
        for member in sent { member.reply.complete(.failure(.unknown(member.append, because: .timedOutInFlight))) }
        if !waiting.inLane.isEmpty { dispatch() }
    }
}

extension AppendPipeline.State {
    /// How long a worker has for the database's own last word on an append whose time is up.
    private static let grace = Duration.milliseconds(100)

    fileprivate var earliestDeadline: ContinuousClock.Instant? {
        let sent = sending.values.lazy.compactMap { $0.lazy.map(\.deadline).min() }.min()
        return [queue.earliestDeadline, sent.map { $0 + Self.grace }].compactMap(\.self).min()
    }

    /// What is being sent and has waited for long enough; its worker's answer comes too late.
    fileprivate mutating func takeOverdue(now: ContinuousClock.Instant) -> [AppendPipeline.Member] {
        var overdue: [AppendPipeline.Member] = []
        for (first, members) in sending where members.contains(where: { $0.deadline + Self.grace <= now }) {
            overdue += members.filter { $0.deadline + Self.grace <= now }
            let left = members.filter { $0.deadline + Self.grace > now }
            sending[first] = left.isEmpty ? nil : left
        }
        return overdue
    }
}

import Logging
import Postgres
import PostgresEventStore
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes transitions: those that are waiting while the groups before are in flight go together in the next, one
/// statement and one commit. Each succeeds or fails alone, and nobody is told of success before the commit.
///
/// A transition whose outcome is unknown, because the connection died before the answer, is sent again. If it was
/// written, the row has the revision it was to get, and nobody else can have given it that under this lease.
///
/// Who waits for a transition also waits for its next try, so one that can't be written yet holds up no group; and it is
/// tried for as long as he wants: when his task is cancelled, because the lane is given up, it is not sent any more. One
/// that is in flight then may still be written: that does no harm before the lane has a new epoch, and can't be after.
final class TransitionPipeline: Sendable {
    private struct Member {
        let number: UInt64
        let transition: PendingTransition
        let attempt: Attempt
        let reply: CheckedContinuation<Answer, Never>
    }

    /// What became of a transition so far.
    private struct Attempt {
        var failures = 0
        var mayBeWritten = false
    }

    private enum Answer {
        case settled(TransitionAnswer)
        case again(Attempt, after: Duration, because: String)
    }

    private struct State {
        var waiting: [Member] = []
        var idle: [CheckedContinuation<[Member]?, Never>] = []
        var inFlight = 0
        var isDraining = false
        var lastNumber: UInt64 = 0
    }

    private let state = Mutex(State())
    private let client: PostgresClient
    private let statements: SagaStatements
    private let clock: Mutex<DatabaseClock>
    private let configuration: SagaWorker.Configuration
    private let metrics: SagaMetrics
    private let logger: Logger

    init(
        client: PostgresClient, statements: SagaStatements, configuration: SagaWorker.Configuration,
        metrics: SagaMetrics,
        logger: Logger
    ) {
        self.client = client
        self.statements = statements
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
        clock = Mutex(DatabaseClock())
    }

    /// The database's time, never behind it.
    var now: Date { clock.withLock { $0.now() } }

    /// Sleeps until the database's time is not before `date`, however often it is corrected meanwhile; nil: for ever.
    func sleep(until date: Date?) async throws {
        while true {
            let rest = date.map { min($0.timeIntervalSince(now), 1e6) } ?? 1e6
            guard rest > 0 else { return }
            try await Task.sleep(for: max(.seconds(rest), .milliseconds(1)))
        }
    }

    /// Takes the database's time from an answer to a question that was sent at `sent`.
    func read(_ time: Date, sent: ContinuousClock.Instant) { clock.withLock { $0.read(time, sent: sent) } }

    /// Writes a transition and waits until it is known to have been written or not, or until the task is cancelled.
    func write(_ transition: PendingTransition) async -> TransitionAnswer {
        var attempt = Attempt()
        while true {
            switch await submit(transition, attempt) {
            case .settled(let answer): return answer
            case .again(let next, let pause, let reason):
                attempt = next
                if attempt.failures == patience {
                    logger.info(
                        "a transition could not be written yet and is tried for as long as the lease is held",
                        metadata: [
                            "saga": "\(transition.key.name)", "id": "\(transition.key.id)", "reason": "\(reason)",
                        ])
                }
                try? await Task.sleep(for: pause)
                guard transition.lease.isValid else {
                    metrics.transitionFenced()
                    return .notOurs
                }
            }
        }
    }

    private func submit(_ transition: PendingTransition, _ attempt: Attempt) async -> Answer {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { reply in
                let isTaken = state.withLock { state in
                    // Looked at under the lock that the handler takes too: a cancellation is seen either here or there.
                    guard !state.isDraining, !Task.isCancelled else { return false }
                    state.waiting.append(
                        Member(number: number, transition: transition, attempt: attempt, reply: reply))
                    return true
                }
                if isTaken { dispatch() } else { reply.resume(returning: .settled(.abandoned)) }
            }
        } onCancel: {
            let member = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
            }
            member?.reply.resume(returning: .settled(.abandoned))
            dispatch()
        }
    }

    /// Serves until `drain()`.
    func run() async {
        await withTaskGroup { group in
            for _ in 0..<configuration.concurrentGroups {
                group.addTask { while let members = await self.nextGroup() { await self.send(members) } }
            }
        }
    }

    /// Lets `run()` return when nothing is left to write. Nothing more is taken.
    func drain() {
        state.withLock { $0.isDraining = true }
        dispatch()
    }

    private func nextGroup() async -> [Member]? {
        await withCheckedContinuation { worker in
            state.withLock { $0.idle.append(worker) }
            dispatch()
        }
    }

    private func dispatch() {
        let handed: [(CheckedContinuation<[Member]?, Never>, [Member]?)] = state.withLock { state in
            var handed: [(CheckedContinuation<[Member]?, Never>, [Member]?)] = []
            while !state.idle.isEmpty, !state.waiting.isEmpty {
                let group = Array(state.waiting.prefix(configuration.maximumGroupSize))
                state.waiting.removeFirst(group.count)
                state.inFlight += 1
                handed.append((state.idle.removeLast(), group))
            }
            if state.isDraining, state.waiting.isEmpty, state.inFlight == 0 {
                handed += state.idle.map { ($0, nil) }
                state.idle = []
            }
            return handed
        }
        for (worker, group) in handed { worker.resume(returning: group) }
    }
}

// MARK: Sending

extension TransitionPipeline {
    private func send(_ members: [Member]) async {
        metrics.groupWritten(size: members.count)
        await attempt(members)
        state.withLock { $0.inFlight -= 1 }
        dispatch()
    }

    /// Sends a group and answers its members. If the group fails for one member's fault it is halved until that one is alone
    /// with it; also when one keeps failing, so that nobody waits for another's row.
    private func attempt(_ members: [Member]) async {
        let sent = ContinuousClock.now
        do {
            let rows = try await client.query(
                statements.transitions(members.map(\.transition)), deadline: configuration.statementTimeout)
            try settle(members, rows, sent: sent)
        } catch let error as PostgresError {
            let isOfTheData = error.isOfTheData
            let keepsFailing = error.outcome == .failed && members.contains { $0.attempt.failures >= patience }
            guard isOfTheData || (keepsFailing && members.count > 1) else { return recover(members, from: error) }
            guard members.count > 1 else {
                logger.info(
                    "a transition was refused by the database",
                    metadata: ["saga": "\(members[0].transition.key.id)", "error": "\(error)"])
                return members[0].reply.resume(returning: .settled(.refused(error.message)))
            }
            let middle = members.count / 2
            await attempt(Array(members[..<middle]))
            await attempt(Array(members[middle...]))
        } catch {
            for member in members { member.reply.resume(returning: .settled(.refused("\(error)"))) }
        }
    }

    private func settle(_ members: [Member], _ rows: Rows, sent: ContinuousClock.Instant) throws {
        let answers = try rows.decode(Int32.self, Int16.self, Int64?.self, Date?.self, Date.self)
        guard answers.count == members.count else {
            throw PostgresError(.decoding, "saga_transitions answered \(answers.count) of \(members.count) transitions")
        }
        if let last = answers.last { read(last.4, sent: sent) }
        for (member, (_, status, revision, due, _)) in zip(members, answers) {
            switch status {
            case 0: member.reply.resume(returning: .settled(.written(due: due)))
            case 2 where member.attempt.mayBeWritten && revision == member.transition.nextRevision:
                member.reply.resume(returning: .settled(.written(due: due)))
            case 3: again(member, "somebody else holds the saga's row", from: .milliseconds(1))
            default:
                metrics.transitionFenced()
                member.reply.resume(returning: .settled(.notOurs))
            }
        }
    }

    /// How often a transition is sent before it is said that it can't be written, and not in one group with others.
    private var patience: Int { 8 }

    private func recover(_ members: [Member], from error: PostgresError) {
        logger.debug(
            "a group of transitions is sent again",
            metadata: ["transitions": "\(members.count)", "error": "\(error)", "outcome": "\(error.outcome)"])
        let isOver = error.code == .notRunning || error.code == .closed || Task.isCancelled
        for member in members {
            if isOver {
                member.reply.resume(returning: .settled(.abandoned))
            } else {
                again(member, "\(error)", from: .milliseconds(10), mayBeWritten: error.outcome == .unknown)
            }
        }
    }

    /// Has a transition sent again after a pause, from `pause` doubling to a second, with jitter.
    private func again(_ member: Member, _ reason: String, from pause: Duration, mayBeWritten: Bool = false) {
        var attempt = member.attempt
        let ceiling = min(pause * (1 << min(attempt.failures, 10)), .seconds(1))
        attempt.failures += 1
        attempt.mayBeWritten = attempt.mayBeWritten || mayBeWritten
        member.reply.resume(
            returning: .again(attempt, after: ceiling * Double.random(in: 0.2...1), because: reason))
    }
}

extension PostgresError {
    /// Whether the database refuses what is to be written, and would again: a value or a constraint, one of our own checks,
    /// a limit of its size, a history that disagrees with its row, or a value that can't be sent. Whatever else fails is not
    /// the saga's fault and passes: it must not end up with a person.
    fileprivate var isOfTheData: Bool {
        guard outcome == .failed else { return false }
        guard let sqlState else { return code == .encoding || code == .invalidArgument }
        return ["22", "23", "54"].contains(sqlState.classCode) || ["SK003", "SK013"].contains(sqlState)
    }
}

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
final class TransitionPipeline: Sendable {
    private struct Member {
        let transition: PendingTransition
        let reply: CheckedContinuation<TransitionAnswer, Never>
        var attempts = 0
        var mayBeWritten = false
    }

    private struct State {
        var waiting: [Member] = []
        var idle: [CheckedContinuation<[Member]?, Never>] = []
        var inFlight = 0
        var isDraining = false
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

    /// Writes a transition and waits until it is known to have been written or not.
    func write(_ transition: PendingTransition) async -> TransitionAnswer {
        await withCheckedContinuation { reply in
            state.withLock { $0.waiting.append(Member(transition: transition, reply: reply)) }
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

    /// Lets `run()` return when nothing is left to write.
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
        let again = await attempt(members)
        state.withLock { state in
            state.inFlight -= 1
            state.waiting = again + state.waiting
        }
        dispatch()
    }

    /// Sends a group and answers its members; returns those to be sent again. If the group fails for one member's fault
    /// it is halved until that one is alone with it; also when it keeps failing, so that nobody waits for another's row.
    private func attempt(_ members: [Member]) async -> [Member] {
        let sent = ContinuousClock.now
        do {
            let rows = try await client.query(
                statements.transitions(members.map(\.transition)), deadline: configuration.statementTimeout)
            return try await settle(members, rows, sent: sent)
        } catch let error as PostgresError {
            let isOfTheData = error.isOfTheData
            let keepsFailing = error.outcome == .failed && members.allSatisfy { $0.attempts >= patience }
            guard isOfTheData || (keepsFailing && members.count > 1) else {
                return await recover(members, from: error)
            }
            guard members.count > 1 else {
                logger.info(
                    "a transition was refused by the database",
                    metadata: ["saga": "\(members[0].transition.key.id)", "error": "\(error)"])
                members[0].reply.resume(returning: .refused(error.message))
                return []
            }
            let middle = members.count / 2
            return await attempt(Array(members[..<middle])) + attempt(Array(members[middle...]))
        } catch {
            for member in members { member.reply.resume(returning: .refused("\(error)")) }
            return []
        }
    }

    private func settle(_ members: [Member], _ rows: Rows, sent: ContinuousClock.Instant) async throws -> [Member] {
        let answers = try rows.decode(Int32.self, Int16.self, Int64?.self, Date?.self, Date.self)
        guard answers.count == members.count else {
            throw PostgresError(.decoding, "saga_transitions answered \(answers.count) of \(members.count) transitions")
        }
        if let last = answers.last { read(last.4, sent: sent) }
        var again: [Member] = []
        for (var member, (_, status, revision, due, _)) in zip(members, answers) {
            switch status {
            case 0: member.reply.resume(returning: .written(due: due))
            case 2 where member.mayBeWritten && revision == member.transition.nextRevision:
                member.reply.resume(returning: .written(due: due))
            case 3:
                member.attempts += 1
                again.append(member)
            default:
                metrics.transitionFenced()
                member.reply.resume(returning: .notOurs)
            }
        }
        // Only rows that somebody holds for a moment are left: do not ask for them in a busy loop.
        if again.count == members.count { try? await Task.sleep(for: .milliseconds(Double.random(in: 0.5...3))) }
        return again
    }

    /// How often a group that failed for no fault of its data is sent as a whole.
    private var patience: Int { 8 }

    private func recover(_ members: [Member], from error: PostgresError) async -> [Member] {
        logger.debug(
            "a group of transitions is sent again",
            metadata: ["transitions": "\(members.count)", "error": "\(error)", "outcome": "\(error.outcome)"])
        let isOver = error.code == .notRunning || error.code == .closed
        let ceiling = Duration.milliseconds(min(1000, 10 << min(members.map(\.attempts).max() ?? 0, 7)))
        if !isOver { try? await Task.sleep(for: ceiling * Double.random(in: 0...1)) }
        var again: [Member] = []
        for var member in members {
            member.attempts += 1
            member.mayBeWritten = member.mayBeWritten || error.outcome == .unknown
            if isOver || Task.isCancelled {
                member.reply.resume(returning: .abandoned)
            } else if !member.transition.lease.isValid {
                member.reply.resume(returning: .notOurs)
            } else {
                again.append(member)
            }
        }
        return again
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

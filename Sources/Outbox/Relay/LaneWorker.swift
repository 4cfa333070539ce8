import Logging
import Postgres
import PostgresEventStore
import Synchronization

/// Sends the messages of one lane under its lease: the shell around `LaneState`.
///
/// One task reads, decides and writes; calls of the sink run beside it and leave their answers for it. So between any two of
/// its steps calls may end, but nothing else happens to the state; and a call that does not end holds up nothing but what it
/// was given.
struct LaneWorker: Sendable {
    let relay: Relay
    let lane: Int32
    let lease: Lease
    /// Rung when there may be something to read, when a call has ended, and when the lease is to be given up.
    let bell: Doorbell

    private var configuration: Relay.Configuration { relay.configuration }
    private var isWanted: Bool { lease.isValid && !lease.isStopping && !Task.isCancelled }

    /// Works until the lease is to be given up or is lost; what is in flight then is awaited.
    func run() async throws {
        let cursor = try await ask(relay.statements.cursor(relay.name, lane: lane)).one()[0].decode(Int64.self)
        var state = LaneState(cursor: cursor, limits: configuration.limits)
        let calls = Calls()
        try await withThrowingDiscardingTaskGroup { group in
            try await work(&state, calls, &group)
        }
        settle(calls, &state)
        if state.hasNews { try await write(&state) }
    }

    private func work(
        _ state: inout LaneState, _ calls: Calls, _ group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        var (read, written) = (ContinuousClock.Instant?.none, ContinuousClock.now)
        while isWanted {
            settle(calls, &state)
            var now = ContinuousClock.now
            if isToRead(state, last: read, now: now) {
                // Or the lane's reader would give what follows a message that was not taken.
                if state.hasVerdicts {
                    try await write(&state)
                    written = .now
                }
                try await self.read(&state)
                read = .now
            }
            now = .now
            let paused = start(calls, &state, &group, now: now)
            let isQuiet = calls.inFlight == 0
            if state.hasNews && (isQuiet || now - written >= configuration.pollInterval)
                || now - written >= configuration.idleCursorInterval
            {
                try await write(&state)
                written = .now
            }
            // A full batch of messages that are not for this relay leaves nothing in hand, and still more to read.
            if isToRead(state, last: read, now: .now) { continue }
            var turn = now + configuration.idleCursorInterval
            if state.hasNews { turn = min(turn, written + configuration.pollInterval) }
            // What could be sent by now, and was not, waits for the end of a call.
            if let next = state.nextTurn(pausedUntil: paused), next > now { turn = min(turn, next) }
            await bell.wait(until: turn)
        }
    }

    private func isToRead(_ state: LaneState, last: ContinuousClock.Instant?, now: ContinuousClock.Instant) -> Bool {
        guard state.hasRoom else { return false }
        guard let last, now - last < configuration.idleCursorInterval else { return true }
        return state.readTo < relay.horizon.load(ordering: .relaxed) || state.hasFreed || relay.isDue(lane)
    }

    private func read(_ state: inout LaneState) async throws {
        // The blocked keys first: the batch that is read after them leaves them out.
        if relay.takeDue(lane) || state.hasFreed {
            let due = try await ask(
                relay.statements.due(
                    relay.name, lane: lane, upTo: state.readTo, keys: configuration.publishBatch,
                    perKey: configuration.publishBatch))
            var counts: [OrderKey: LaneState.Counts] = [:]
            var messages: [ReadMessage] = []
            for row in due {
                let message = try relay.statements.read(row)
                counts[message.orderKey] = .init(
                    attempts: Int(try row[16].decode(Int32.self)), unknowns: Int(try row[17].decode(Int32.self)))
                messages.append(message)
            }
            state.retry(messages, counts: counts)
            // One that can't be read has parked its key.
            if state.hasVerdicts { try await write(&state) }
        }
        let next = try await ask(
            relay.statements.next(relay.name, lane: lane, after: state.readTo, atMost: state.room))
        let (fresh, mark) = try relay.statements.messages(of: next)
        state.read(fresh, mark: mark)
    }

    /// Writes what was achieved, under the lease. Repeating it does no harm, so an unknown outcome is repeated.
    private func write(_ state: inout LaneState) async throws {
        guard let progress = state.progress() else { return }
        _ = try await ask(relay.statements.advance(relay.name, lane: lane, epoch: lease.epoch, progress))
        state.written(progress)
        relay.metrics.wrote(progress)
    }

    private func ask(_ statement: SQL) async throws -> Rows {
        try await relay.retryingWhile({ lease.isValid }) { () throws(PostgresError) in
            try await relay.client.query(statement, deadline: configuration.statementTimeout)
        }
    }
}

extension LaneWorker {
    private struct Call: Sendable {
        let messages: [OutboundMessage]
        /// Nil: the sink could not be reached.
        let results: [PublishResult]?
    }

    /// The calls of the sink that are not settled yet, and the answers of those that have ended.
    private final class Calls: Sendable {
        private struct State {
            var trusted = 0
            var suspect = 0
            var ended: [(call: Call, isSuspect: Bool)] = []
        }

        private let state = Mutex(State())

        var inFlight: Int { state.withLock { $0.trusted + $0.suspect } }
        var suspects: Int { state.withLock { $0.suspect } }

        func begin(isSuspect: Bool) {
            state.withLock { if isSuspect { $0.suspect += 1 } else { $0.trusted += 1 } }
        }

        func end(_ call: Call, isSuspect: Bool) { state.withLock { $0.ended.append((call, isSuspect)) } }

        func takeEnded() -> [Call] {
            state.withLock { state in
                defer { state.ended = [] }
                for (_, isSuspect) in state.ended { if isSuspect { state.suspect -= 1 } else { state.trusted -= 1 } }
                return state.ended.map(\.call)
            }
        }
    }

    /// Begins as many calls as may be in flight. Returns when the circuit lets the next one through, if it does not now.
    private func start(
        _ calls: Calls, _ state: inout LaneState, _ group: inout ThrowingDiscardingTaskGroup<any Error>,
        now: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        while calls.inFlight < configuration.callsInFlight, isWanted {
            let (until, isProbe) = relay.circuit.withLock {
                ($0.admit(now: now, patience: configuration.pollInterval), $0.phase == .probing)
            }
            if let until { return until }
            // Suspect keys leave one call to the others, and are not what a sink is probed with if there is anything else.
            let maySend = calls.suspects < max(configuration.callsInFlight - 1, 1)
            let messages = state.next(
                atMost: configuration.publishBatch, now: now, suspects: maySend ? (isProbe ? .last : .first) : .no)
            guard let first = messages.first else {
                relay.circuit.withLock { $0.probeGivenUp(now: now) }
                return nil
            }
            let isSuspect = state.isSuspect(first)
            calls.begin(isSuspect: isSuspect)
            group.addTask {
                calls.end(await publish(messages), isSuspect: isSuspect)
                bell.ring()
            }
        }
        return nil
    }

    private func publish(_ messages: [OutboundMessage]) async -> Call {
        let began = ContinuousClock.now
        do {
            let results = try await withTimeout(configuration.publishTimeout) {
                try await relay.sink.publish(messages)
            }
            relay.metrics.published(messages, results, took: .now - began)
            // A sink that forgets a message has not said that it took it.
            let missing = max(messages.count - (results?.count ?? 0), 0)
            let reason = results == nil ? "no answer in time" : "the sink did not answer for it"
            return Call(
                messages: messages,
                results: (results ?? []) + Array(repeating: .unknown(reason: reason), count: missing))
        } catch {
            relay.logger.info("the sink cannot be reached", metadata: ["error": "\(error)"])
            return Call(messages: messages, results: nil)
        }
    }

    private func settle(_ calls: Calls, _ state: inout LaneState) {
        for call in calls.takeEnded() { settle(call, &state) }
    }

    private func settle(_ call: Call, _ state: inout LaneState) {
        let (now, random) = (ContinuousClock.now, Double.random(in: 0...1))
        guard let results = call.results else {
            relay.circuit.withLock { $0.failed(now: now, random: random) }
            state.failed(call.messages)
            return
        }
        let answers = zip(call.messages, results).map { (message: $0, result: $1) }
        let unknown = answers.compactMap { if case .unknown = $0.result { $0.message.orderKey } else { nil } }
        let acknowledged = answers.count { $0.result == .acknowledged }
        let counts = relay.circuit.withLock {
            $0.answered(
                acknowledged: acknowledged, refused: answers.count - acknowledged - unknown.count, unknown: unknown,
                now: now, random: random)
        }
        state.answered(answers, counts: counts, now: now, random: random)
    }
}

/// Cancels `operation` when its time is up, or when the task is cancelled, and still takes the result if it has one: a
/// message that was answered is not sent again for the sake of one that was not. Nil if there is none.
private func withTimeout<R: Sendable>(
    _ timeout: Duration, _ operation: @escaping @Sendable () async throws -> R
) async throws -> R? {
    try await withThrowingTaskGroup(of: R?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try? await Task.sleep(for: timeout)
            return nil
        }
        defer { group.cancelAll() }
        if let result = try await group.next() ?? nil { return result }
        group.cancelAll()
        return (try? await group.next()) ?? nil
    }
}

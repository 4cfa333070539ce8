import Logging
import Postgres
import PostgresEventStore
import Synchronization

/// Sends the messages of one lane under its lease: the shell around `LaneState`.
struct LaneWorker: Sendable {
    let relay: Relay
    let lane: Int32
    let lease: Lease
    /// Rung when there may be something to read, and when the lease is to be given up.
    let bell: Doorbell

    private var configuration: Relay.Configuration { relay.configuration }
    private var isWanted: Bool { lease.isValid && !lease.isStopping && !Task.isCancelled }

    /// Works until the lease is to be given up or is lost.
    func run() async throws {
        let cursor = try await ask(relay.statements.cursor(relay.name, lane: lane)).one()[0].decode(Int64.self)
        var state = LaneState(cursor: cursor, limits: configuration.limits)
        var written = ContinuousClock.now
        while isWanted {
            try await read(&state)
            let hadMessages = !state.isIdle
            if hadMessages { try await send(&state) }
            if state.hasNews || ContinuousClock.now - written >= configuration.idleCursorInterval {
                try await write(&state)
                written = .now
            }
            // A full batch of messages that are not for this relay leaves nothing in hand, and still more to read.
            if !hadMessages, state.readTo >= relay.horizon.load(ordering: .relaxed) {
                await bell.wait(until: .now + configuration.idleCursorInterval)
            }
        }
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
        }
        let next = try await ask(
            relay.statements.next(relay.name, lane: lane, after: state.readTo, atMost: configuration.readBatch))
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

    /// Sends what is in hand until nothing is left, or the lease is to be given up; what is in flight is awaited.
    private func send(_ state: inout LaneState) async throws {
        try await withThrowingTaskGroup(of: Call.self) { group in
            var calls = 0
            while true {
                let paused = start(&group, &calls, &state)
                if calls > 0 {
                    guard let call = try await group.next() else { return }
                    calls -= 1
                    settle(call, &state)
                } else if state.isIdle || !isWanted {
                    return
                } else {
                    // Everything has to wait. What was achieved so far is made durable first.
                    if state.hasNews { try await write(&state) }
                    await bell.wait(until: state.nextTurn(pausedUntil: paused) ?? .now + configuration.pollInterval)
                }
            }
        }
    }

    /// Begins as many calls as may be in flight. Returns when the circuit lets the next one through, if it does not now.
    private func start(
        _ group: inout ThrowingTaskGroup<Call, any Error>, _ calls: inout Int, _ state: inout LaneState
    ) -> ContinuousClock.Instant? {
        while calls < configuration.callsInFlight, isWanted {
            let now = ContinuousClock.now
            if let until = relay.circuit.withLock({ $0.admit(now: now, patience: configuration.pollInterval) }) {
                return until
            }
            let messages = state.next(atMost: configuration.publishBatch, now: now)
            guard !messages.isEmpty else {
                relay.circuit.withLock { $0.probeGivenUp(now: now) }
                return nil
            }
            group.addTask { await publish(messages) }
            calls += 1
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

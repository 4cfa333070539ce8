import EventSourcing
import Logging
import Postgres
import PostgresEventStore
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SagaWorker {
    /// Looks for due sagas when woken, when one is due, and now and then, and hands them to their lanes; until
    /// cancelled.
    func poll() async {
        while !Task.isCancelled {
            let begun = ContinuousClock.now
            let seen = sagas.waker.readers.count
            let next = await look()
            await sagas.waker.readers.wait(past: seen, for: max(.zero, next - begun.duration(to: .now)))
            // Many wake-ups in a row become one look.
            try? await Task.sleep(until: begun + configuration.shortestPollInterval, clock: .continuous)
        }
    }

    /// One look. Returns after what time the next one is to follow.
    private func look() async -> Duration {
        let held = lanes.withLock { lanes in lanes.values.filter { $0.lease.isValid && !$0.lease.isStopping } }
        guard !held.isEmpty, active.count < configuration.maximumActive else { return configuration.pollInterval }
        // Sagas in hand may be due again, for an input: they are passed over, and must not fill the page.
        let limit = configuration.maximumActive
        do {
            let sent = ContinuousClock.now
            let rows = try await store.client.query(
                statements.due(held.map { ($0.kind, $0.number) }, atMost: limit),
                deadline: configuration.statementTimeout)
            var stuck: [StuckSaga] = []
            let (due, now, nextDue) = try statements.loaded(of: rows) { saga, error in
                isUnreadable(saga.key, error)
                stuck.append(saga)
            }
            pipeline.read(now, sent: sent)
            let isNew = hand(due, to: held)
            // Unless they are put off, they are what every look finds first.
            let isPutOff = await putOff(stuck, under: held.map(\.lease))
            let isMore = (isNew || isPutOff) && rows.count > limit
            let untilNext = nextDue.map { Duration.seconds(max(0, min($0.timeIntervalSince(now), 1e6))) }
            return isMore ? .zero : min(untilNext ?? configuration.pollInterval, configuration.pollInterval)
        } catch {
            logger.debug("due sagas could not be looked for", metadata: ["error": "\(error)"])
            return configuration.pollInterval
        }
    }

    /// Has due sagas that can't be gone on with looked at again later: after as long as they have been standing still, a minute
    /// at most. An operator's request has one looked at at once. Returns whether any was put off.
    @discardableResult
    func putOff(_ sagas: [StuckSaga], under leases: [Lease]) async -> Bool {
        let sagas = sagas.compactMap { saga in
            leases.first { $0.unit == saga.kind.unit(of: saga.lane) }.map { (saga, $0) }
        }
        guard !sagas.isEmpty else { return false }
        do {
            let count = try await store.client.query(
                statements.putOff(sagas.map(\.0), under: sagas.map(\.1)), deadline: configuration.statementTimeout)
            return try count.one()[0].decode(Int32.self) > 0
        } catch {
            logger.info(
                "sagas that can't be gone on with could not be put off",
                metadata: ["sagas": "\(sagas.count)", "error": "\(error)"])
            return false
        }
    }

    /// A saga's row can't be read: the saga stays as it is, and the ones beside it go on.
    func isUnreadable(_ key: SagaKey, _ error: any Error) {
        logger.error(
            "a saga's row can't be read",
            metadata: ["saga": "\(key.name)", "id": "\(key.id)", "error": "\(error)"])
    }

    /// Returns whether any of them was new.
    private func hand(_ due: [LoadedSaga], to held: [Lane]) -> Bool {
        var isNew = false
        for saga in due where active.count < configuration.maximumActive {
            let kind = SagaKind(name: saga.key.name, definition: saga.definition)
            guard let lane = held.first(where: { $0.kind == kind && $0.number == saga.lane }) else { continue }
            if lane.deliver(saga, claiming: active) { isNew = true }
        }
        metrics.active(active.count)
        return isNew
    }

    /// A saga has left this process's hands and is due again soon.
    func isDue(at date: Date) {
        if date.timeIntervalSince(pipeline.now) < configuration.pollInterval / .seconds(1) {
            sagas.waker.readers.raise()
        }
    }

    /// Keeps what a call said after its saga had gone on without it: as an input, so that the saga decides (SG6).
    func recordLate(_ outcome: StepOutcome, of saga: SagaKey) async {
        var reply = StoredReply(outcome)
        reply.step = outcome.step
        reply.direction = outcome.direction
        reply.attempt = outcome.attempt
        do {
            try await store.client.query(
                statements.reply(to: saga, message: UUID(), body: JSONValue(encoding: reply).json()),
                deadline: configuration.statementTimeout)
            wake()
        } catch {
            logger.info(
                "the late outcome of a call could not be kept; its step is undone by key where that is needed",
                metadata: ["saga": "\(saga.name)", "id": "\(saga.id)", "step": "\(outcome.step)", "error": "\(error)"])
        }
    }

    /// Measures, and looks for calls that nobody runs, now and then; until cancelled.
    func keepHouse() async {
        var groups = SagaGroups()
        while !Task.isCancelled {
            do {
                let counts = try await store.client.query(statements.counts(), deadline: configuration.statementTimeout)
                let found = try counts.decode(String.self, Int32.self, String.self, Int64.self, Double?.self)
                groups.found(
                    found.map { name, definition, status, count, overdue in
                        (.init(saga: name, definition: Int(definition), status: status), count, overdue ?? 0)
                    })
                for (group, size) in groups.sizes { metrics.counted(group, size) }
            } catch {
                logger.debug("sagas could not be counted", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: configuration.housekeepingInterval)
            for lane in lanes.withLock({ Array($0.values) }) {
                await takeUpRunning(of: lane, isPatient: false)
            }
        }
    }
}

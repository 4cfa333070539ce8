import EventSourcing
import Logging
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Serves one lane: takes up sagas, decides, has the transitions written, runs the calls.
///
/// One task reads the lane's mailbox and is the only one that touches the sagas in hand, so a saga makes one transition
/// at a time. Writing and calling happen in child tasks that report back by mail.
///
/// ```
///   load ──▸ decide ──▸ writing ──written, nothing to call──▸ (out of hand)
///              ▴           │ written, a call to make
///              │           ▾
///              └── ended ─ acting        overdue: decided as such; the call is cancelled and its outcome is late
/// ```
///
/// A call is never cancelled because its saga fails elsewhere or the process is asked to stop: only when its own time
/// is up, when the lease is lost, or when the time for stopping is over. In none of these cases is it taken not to have
/// happened.
///
/// At its end the worker lets go of its lane before it waits for what it has cancelled: a call that does not heed that
/// keeps no other process from going on with the saga, whose next attempt has the same key. What it says is not heard.
struct LaneWorker {
    let worker: SagaWorker
    let definition: SagaDefinition
    let lane: Lane
    private var sagas: [SagaKey: ActiveSaga] = [:]
    private var isStopping = false

    init(worker: SagaWorker, definition: SagaDefinition, lane: Lane) {
        self.worker = worker
        self.definition = definition
        self.lane = lane
    }

    mutating func run() async {
        await withDiscardingTaskGroup { group in
            for await message in lane.messages {
                handle(message, in: &group)
                if isStopping, sagas.isEmpty { break }
            }
            // Before the lease may go back: what waits to be written under it is not sent any more.
            group.cancelAll()
            for saga in sagas.keys { worker.active.release(saga) }
            sagas = [:]
            lane.close(releasing: worker.active)
        }
    }

    private mutating func handle(_ message: Lane.Message, in group: inout DiscardingTaskGroup) {
        switch message {
        case .load(let saga): load(saga, in: &group)
        case .answered(let key, let answer): answered(key, answer, in: &group)
        case .ended(let key, let outcome): ended(key, outcome, in: &group)
        case .overdue(let key, let action): overdue(key, action, in: &group)
        case .stop:
            isStopping = true
            let (lane, timeout) = (lane, worker.configuration.drainTimeout)
            group.addTask {
                try? await Task.sleep(for: timeout)
                lane.post(.giveUp)
            }
        case .giveUp:
            for saga in sagas.keys { worker.active.release(saga) }
            sagas = [:]
        }
    }

    // MARK: Taking up

    private mutating func load(_ loaded: LoadedSaga, in group: inout DiscardingTaskGroup) {
        lane.read(loaded.key)
        guard !isStopping, sagas[loaded.key] == nil else { return worker.active.release(loaded.key) }
        let context = StepContext(tenant: loaded.key.tenant, saga: loaded.key.name, id: loaded.key.id)
        var saga = ActiveSaga(
            key: loaded.key, machine: SagaMachine(definition, context, loaded.state),
            revision: loaded.revision)
        let before = saga.machine
        var transition = SagaTransition()
        if let due = loaded.state.dueAt { worker.metrics.takenUp(late: loaded.readAt.timeIntervalSince(due)) }
        if loaded.wasRunning { decide(.interrupted, &saga, &transition) }
        for input in loaded.inputs {
            if let content = input.content {
                decide(content, &saga, &transition)
            } else {
                worker.logger.warning("an input of a saga can't be read and is dropped", metadata: metadata(saga.key))
            }
        }
        // Due by the database's clock, as read, and not by an estimate: a timer never fires early.
        if let due = saga.machine.state.dueAt, due <= loaded.readAt, saga.machine.state.status == .waiting {
            decide(.due, &saga, &transition)
        }
        guard !transition.events.isEmpty || !loaded.inputs.isEmpty else { return worker.active.release(loaded.key) }
        write(transition, saga, before: before, using: loaded.inputs.map(\.id), in: &group)
    }

    private func decide(_ input: SagaInput, _ saga: inout ActiveSaga, _ transition: inout SagaTransition) {
        var random = SystemRandomNumberGenerator()
        let more = saga.machine.handle(input, at: worker.pipeline.now, using: &random)
        transition.events += more.events
        transition.commands += more.commands
    }

    // MARK: Writing

    private mutating func write(
        _ transition: SagaTransition, _ saga: ActiveSaga, before: SagaMachine, using inputs: [UUID] = [],
        in group: inout DiscardingTaskGroup
    ) {
        var saga = saga
        let pending: PendingTransition
        do {
            pending = try PendingTransition(
                transition, of: saga.key, to: saga.machine.state, on: saga.revision, using: inputs, under: lane.lease,
                replyTo: worker.configuration.replyTo)
        } catch {
            return complain("\(error)", saga, before: before, using: inputs, in: &group)
        }
        saga.phase = .writing(pending, before: before)
        sagas[saga.key] = saga
        let (lane, pipeline, key) = (lane, worker.pipeline, saga.key)
        group.addTask { lane.post(.answered(key, await pipeline.write(pending))) }
    }

    private mutating func answered(_ key: SagaKey, _ answer: TransitionAnswer, in group: inout DiscardingTaskGroup) {
        guard var saga = sagas[key], case .writing(let pending, let before) = saga.phase else { return }
        switch answer {
        case .written(let due):
            saga.revision = pending.nextRevision
            saga.isComplaining = false
            if saga.machine.state.isFinished, !before.state.isFinished {
                worker.metrics.ended(key, saga.machine.state.status)
            }
            goOn(saga, due: due, in: &group)
        case .notOurs, .abandoned: drop(key)
        case .refused(let reason): complain(reason, saga, before: before, using: pending.usedInputs, in: &group)
        }
    }

    /// What can't be stored becomes a reason for attention; if not even that can be stored, the saga is left as it is.
    private mutating func complain(
        _ reason: String, _ saga: ActiveSaga, before: SagaMachine, using inputs: [UUID],
        in group: inout DiscardingTaskGroup
    ) {
        guard !saga.isComplaining else {
            worker.logger.error(
                "a saga's transition can't be stored", metadata: metadata(saga.key, ["reason": "\(reason)"]))
            sagas[saga.key] = nil
            let (worker, lane) = (worker, lane)
            let stuck = StuckSaga(
                key: saga.key, kind: lane.kind, lane: lane.number, revision: saga.revision,
                reason: "what came next could not be stored: \(reason)")
            return group.addTask {
                await worker.putOff([stuck], under: [lane.lease])
                worker.active.release(stuck.key)
            }
        }
        var saga = saga
        saga.machine = before
        saga.isComplaining = true
        var transition = SagaTransition()
        decide(.unwritable(reason), &saga, &transition)
        write(transition, saga, before: before, using: inputs, in: &group)
    }

    private mutating func goOn(_ saga: ActiveSaga, due: Date?, in group: inout DiscardingTaskGroup) {
        var saga = saga
        if let outcome = saga.late.first {
            saga.late.removeFirst()
            return decideAndWrite(.outcome(outcome), saga, in: &group)
        }
        guard let action = SagaAction(saga.machine.state) else { return drop(saga.key, due: due) }
        let isRunning = saga.inFlight == action
        // Whoever has the lane now makes the call. One that runs is awaited: its outcome is worth keeping.
        guard isRunning || lane.lease.isValid else { return drop(saga.key) }
        saga.phase = .acting(action)
        saga.inFlight = action
        sagas[saga.key] = saga
        if !isRunning {
            act(action, saga, in: &group)
        } else if saga.overdue == action {
            overdue(saga.key, action, in: &group)
        }
    }

    private mutating func decideAndWrite(
        _ input: SagaInput, _ saga: ActiveSaga, in group: inout DiscardingTaskGroup
    ) {
        var saga = saga
        let before = saga.machine
        var transition = SagaTransition()
        decide(input, &saga, &transition)
        if transition.events.isEmpty {
            goOn(saga, due: saga.machine.state.dueAt, in: &group)
        } else {
            write(transition, saga, before: before, in: &group)
        }
    }

    private mutating func drop(_ key: SagaKey, due: Date? = nil) {
        sagas[key] = nil
        worker.active.release(key)
        if let due { worker.isDue(at: due) }
    }

    private func metadata(_ key: SagaKey, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        more.merging(["saga": "\(key.name)", "id": "\(key.id)"]) { first, _ in first }
    }

    // MARK: Acting

    private func act(_ action: SagaAction, _ saga: ActiveSaga, in group: inout DiscardingTaskGroup) {
        guard let call = StepCall(action, saga.machine) else {
            return lane.post(.overdue(saga.key, action))
        }
        let due = saga.machine.state.dueAt
        let (lane, key, metrics, worker) = (lane, saga.key, worker.metrics, worker)
        group.addTask {
            // The lease may have run out since the intent was written: then the call is no longer ours to make.
            guard lane.lease.isValid else { return }
            let begun = ContinuousClock.now
            let result = await call.run {
                try await worker.pipeline.sleep(until: due)
                lane.post(.overdue(key, action))
            }
            metrics.attempted(key, call.step, call.direction, took: begun.duration(to: .now), result.name)
            // A cancelled child means that the lease is lost or the time for stopping is over: nobody takes the outcome
            // here.
            guard !Task.isCancelled else { return }
            let outcome = StepOutcome(step: call.step, direction: call.direction, attempt: call.attempt, result: result)
            if worker.active.contains(key) {
                lane.post(.ended(key, outcome))
            } else {
                await worker.recordLate(outcome, of: key)
            }
        }
    }

    private mutating func ended(_ key: SagaKey, _ outcome: StepOutcome, in group: inout DiscardingTaskGroup) {
        guard var saga = sagas[key] else {
            let worker = worker
            return group.addTask { await worker.recordLate(outcome, of: key) }
        }
        if saga.inFlight == SagaAction(outcome) { saga.inFlight = nil }
        switch saga.phase {
        case .writing:
            saga.late.append(outcome)
            sagas[key] = saga
        case .acting, nil: decideAndWrite(.outcome(outcome), saga, in: &group)
        }
    }

    private mutating func overdue(_ key: SagaKey, _ action: SagaAction, in group: inout DiscardingTaskGroup) {
        guard var saga = sagas[key] else { return }
        guard case .acting(action) = saga.phase else {
            saga.overdue = action
            sagas[key] = saga
            return
        }
        saga.overdue = nil
        sagas[key] = saga
        let before = saga.machine
        var transition = SagaTransition()
        decide(.due, &saga, &transition)
        guard transition.events.isEmpty else { return write(transition, saga, before: before, in: &group) }
        // The database's time, as last heard, is behind what it was when the timer fired.
        let (lane, pipeline, due) = (lane, worker.pipeline, saga.machine.state.dueAt)
        group.addTask {
            guard (try? await pipeline.sleep(until: due)) != nil else { return }
            lane.post(.overdue(key, action))
        }
    }
}

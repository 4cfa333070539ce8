/// The watermark protocol over a small state: sessions that append, readers that follow, and what PostgreSQL does between.
struct WatermarkModel {
    let scenario: Scenario
    let writerRules: WriterRules
    let readerRules: ReaderRules
    let programs: [Program]

    enum Action: Hashable {
        case write(session: Int)
        /// The transaction rolls back: by the caller's wish, by an error, or because client or backend died.
        case rollBack(session: Int)
        case read(reader: Int)
        /// The database crashes and comes up again with the sequence at this value.
        case crash(sequence: Int)
    }

    init(_ scenario: Scenario, writers: WriterRules = .right, readers: ReaderRules = .right) {
        self.scenario = scenario
        writerRules = writers
        readerRules = readers
        var nextID = scenario.existing.count
        programs = scenario.sessions.map { Program($0, existing: scenario.existing, rules: writers, nextID: &nextID) }
    }

    var initial: ModelState {
        var state = ModelState(
            streams: Array(repeating: .init(), count: 3),
            writers: Array(repeating: .init(), count: scenario.sessions.count),
            readers: Array(repeating: .init(), count: scenario.readers.count),
            crashesLeft: scenario.crashes)
        for (id, stream) in scenario.existing.enumerated() {
            state.streams[stream].version = 0
            let writer = scenario.sessions.count  // none of the sessions
            state.events.append(
                .init(position: id + 1, id: id, stream: stream, version: 0, writer: writer, isVisible: true))
            state.sequence = id + 1
            state.acknowledged = id + 1
        }
        return state
    }

    /// What can happen next, whether or not it turns out to wait for something.
    func actions(in state: ModelState) -> [Action] {
        var actions: [Action] = []
        for session in programs.indices where !isDone(session, in: state) {
            actions.append(.write(session: session))
            if scenario.writersMayDie, isOpen(session, in: state) { actions.append(.rollBack(session: session)) }
        }
        for reader in scenario.readers.indices where state.readers[reader].step < lastStep(of: reader) {
            actions.append(.read(reader: reader))
        }
        if state.crashesLeft > 0 {
            let durable = state.visible.last?.position ?? 0  // a commit flushes the sequence's record with its own
            actions += (durable...state.sequence).map { .crash(sequence: $0) }
        }
        return actions
    }

    /// The state after the action; nil if it has to wait.
    func apply(_ action: Action, to state: ModelState) -> ModelState? {
        var next = state
        switch action {
        case .write(let session):
            guard step(session, in: &next) else { return nil }
            while isSilent(session, in: next) { _ = step(session, in: &next) }
        case .rollBack(let session):
            rollBack(session, in: &next)
        case .read(let reader):
            read(reader, in: &next)
            if isSilent(reader: reader, in: next) { read(reader, in: &next) }
        case .crash(let sequence):
            crash(to: sequence, in: &next)
        }
        return next
    }

    /// Whether a session's next step can neither see anything that another may change nor be seen by another. It is then
    /// taken at once: its other interleavings differ in nothing.
    func isSilent(_ session: Int, in state: ModelState) -> Bool {
        guard !isDone(session, in: state), !programs[session].begins[state.writers[session].step] else { return false }
        func isFound(_ stream: Int) -> Bool { found(stream, by: session, in: state) }
        return switch programs[session].steps[state.writers[session].step] {
        case .lock(let stream): !isFound(stream)
        case .create(let stream, _): isFound(stream)
        case .check(let append):
            append.streams.allSatisfy {
                !isFound($0) || state.streams[$0].lockedBy == session || state.streams[$0].createdBy == session
            }
        case .insert: true
        default: false
        }
    }

    /// Giving events and storing the cursor touches nothing but the reader. Done at once, it can only show more.
    func isSilent(reader: Int, in state: ModelState) -> Bool {
        let step = state.readers[reader].step
        return readerRules.steps[step % readerRules.steps.count] == .moveCursor && step < lastStep(of: reader)
    }

    func isDone(_ session: Int, in state: ModelState) -> Bool {
        state.writers[session].step == programs[session].steps.count
    }

    /// Whether the session is in a transaction that can still roll back: not before its first step, not after its commit.
    func isOpen(_ session: Int, in state: ModelState) -> Bool {
        let step = state.writers[session].step
        if programs[session].begins[step] { return false }
        guard case .commit(let half) = programs[session].steps[step] else { return true }
        return half == writerRules.commit.first
    }

    func lastStep(of reader: Int) -> Int { scenario.readers[reader].reads * readerRules.steps.count }

    private func crash(to sequence: Int, in state: inout ModelState) {
        for session in programs.indices
        where !isDone(session, in: state) && !programs[session].begins[state.writers[session].step] {
            state.undo(session)
            state.releaseMarker(session)
            finish(session, in: &state)
        }
        for session in programs.indices { state.writers[session].cached = Bytes() }
        for reader in state.readers.indices {
            let length = readerRules.steps.count
            state.readers[reader].step = state.readers[reader].step / length * length  // its connection is gone
            state.readers[reader].lastValue = nil
            state.readers[reader].lowestMarker = nil
            state.readers[reader].snapshot = 0
        }
        state.leakedMarker = nil
        state.sequence = sequence
        state.crashesLeft -= 1
    }
}

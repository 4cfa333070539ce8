extension WatermarkModel {
    /// Takes a session's next step; false if it has to wait for another session.
    func step(_ session: Int, in state: inout ModelState) -> Bool {
        let index = state.writers[session].step
        if programs[session].begins[index] { state.writers[session].floor = state.acknowledged }
        state.writers[session].step = index + 1
        switch programs[session].steps[index] {
        case .find(let append):
            state.forget(session)
            for stream in append.streams
            where state.streams[stream].exists || state.streams[stream].createdBy == session {
                state.writers[session].found |= 1 << stream
            }
        case .lock(let stream):
            return !found(stream, by: session, in: state) || lock(stream, by: session, in: &state)
        case .check(let append):
            check(append, by: session, in: &state)
        case .readSequence:
            state.writers[session].lastValue = readSequence(in: state)
        case .takeMarker:
            takeMarker(session, in: &state)
        case .draw:
            draw(session, in: &state)
        case .create(let stream, let again):
            return found(stream, by: session, in: state) || create(stream, by: session, again: again, in: &state)
        case .insert(let append, let firstID):
            insert(append, firstID: firstID, by: session, in: &state)
        case .releaseMarker:
            state.releaseMarker(session)
        case .rollBackToSavepoint:
            rollBackToSavepoint(session, in: &state)
        case .commit(let half):
            commit(half, of: session, in: &state)
        }
        return true
    }

    func rollBack(_ session: Int, in state: inout ModelState) {
        let end = programs[session].end[state.writers[session].step]
        state.undo(session)
        if writerRules.markerOutlivesRollback { state.leakMarker(session) }
        if writerRules.commit.last == .releaseLocks {
            state.writers[session].step = end - 1  // rows first, advisory locks then, here too
        } else {
            state.releaseMarker(session)
            finish(session, in: &state)
        }
    }

    /// To the end of the transaction, with nothing remembered.
    func finish(_ session: Int, in state: inout ModelState) {
        state.writers[session].step = programs[session].end[state.writers[session].step]
        state.writers[session].floor = 0
        state.forget(session)
    }

    func readSequence(in state: ModelState) -> Int {
        state.sequence == 0 && writerRules.unusedSequenceReadsOne ? 1 : state.sequence
    }

    func found(_ stream: Int, by session: Int, in state: ModelState) -> Bool {
        state.writers[session].found >> stream & 1 == 1 || scenario.existing.contains(stream)
    }

    private func lock(_ stream: Int, by session: Int, in state: inout ModelState) -> Bool {
        let owner = state.streams[stream].lockedBy ?? state.streams[stream].createdBy
        if let owner, owner != session { return false }
        if state.streams[stream].createdBy == nil { state.streams[stream].lockedBy = session }
        return true
    }

    private func version(of stream: Int, for session: Int, in state: ModelState) -> Int {
        let written = state.writers[session].written[stream]
        return written > 0 ? written - 2 : state.streams[stream].version
    }

    private func check(_ append: Scenario.Append, by session: Int, in state: inout ModelState) {
        for stream in append.streams {
            let version = found(stream, by: session, in: state) ? version(of: stream, for: session, in: state) : -1
            state.writers[session].base[stream] = version + 1
        }
        if let expected = append.expected, state.writers[session].base[append.streams[0]] != expected + 1 {
            rollBack(session, in: &state)  // a conflict
        }
    }

    private func takeMarker(_ session: Int, in state: inout ModelState) {
        guard !state.writers[session].remembersMarker else { return }
        state.writers[session].marker = state.writers[session].lastValue ?? readSequence(in: state)
        state.writers[session].remembersMarker = true
    }

    private func draw(_ session: Int, in state: inout ModelState) {
        if state.writers[session].cached.isEmpty {
            for _ in 0..<writerRules.sequenceCache {
                state.sequence += 1
                state.writers[session].cached.append(state.sequence)
            }
        }
        let position = state.writers[session].cached.removeFirst()
        state.writers[session].drawn.append(position)
    }

    private func create(_ stream: Int, by session: Int, again: Int, in state: inout ModelState) -> Bool {
        if let creator = state.streams[stream].createdBy, creator != session { return false }
        guard state.streams[stream].exists else {
            state.streams[stream].createdBy = session
            return true
        }
        switch writerRules.creatorThatLost {
        case .startsAgain:
            state.forget(session)
            state.writers[session].step = again
        case .givesUp:
            state.writers[session].givenUp |= 1 << stream
        case .goesOn:
            guard lock(stream, by: session, in: &state) else { return false }
            state.writers[session].base[stream] = version(of: stream, for: session, in: state) + 1
        }
        return true
    }

    private func insert(_ append: Scenario.Append, firstID: Int, by session: Int, in state: inout ModelState) {
        for (place, stream) in append.streams.sorted().enumerated()
        where state.writers[session].givenUp >> stream & 1 == 0 {
            for number in 0..<append.events {
                let index = place * append.events + number
                let event = ModelState.StoredEvent(
                    position: state.writers[session].drawn[index], id: firstID + index, stream: stream,
                    version: state.writers[session].base[stream] + number, writer: session)
                state.writers[session].written[stream] = event.version + 2
                let place = state.events.firstIndex { $0.position > event.position } ?? state.events.endIndex
                state.events.insert(event, at: place)
            }
        }
        state.forget(session)
    }

    private func rollBackToSavepoint(_ session: Int, in state: inout ModelState) {
        state.undo(session)
        state.writers[session].marker = nil  // the lock was taken inside, so it goes
        if !writerRules.remembersMarkerOutside { state.writers[session].remembersMarker = false }
    }

    private func commit(_ half: CommitStep, of session: Int, in state: inout ModelState) {
        switch half {
        case .becomeVisible: state.becomeVisible(session)
        case .releaseLocks: state.releaseMarker(session)
        }
        let index = state.writers[session].step
        if index == programs[session].end[index - 1] {
            let positions = state.visible.filter { $0.writer == session }.map(\.position)
            state.acknowledged = max(state.acknowledged, positions.last ?? 0)
            state.writers[session].floor = 0
        }
    }
}

extension WatermarkModel {
    /// An action in words, one line for each of its steps.
    func describe(_ action: Action, from state: ModelState) -> [String] {
        var lines: [String] = []
        var (before, after) = (state, state)
        switch action {
        case .write(let session):
            repeat {
                before = after
                guard step(session, in: &after) else { break }
                lines.append("writer \(session + 1) " + describe(writer: session, from: before, to: after))
            } while isSilent(session, in: after)
        case .read(let reader):
            repeat {
                before = after
                read(reader, in: &after)
                lines.append("reader \(reader + 1) " + describe(reader: reader, from: before, to: after))
            } while isSilent(reader: reader, in: after)
        case .rollBack(let session):
            lines.append("writer \(session + 1) rolls back (or dies)")
        case .crash(let sequence):
            lines.append("the database crashes; its sequence comes back at \(sequence)")
        }
        return lines
    }

    private func describe(writer session: Int, from state: ModelState, to next: ModelState) -> String {
        let (before, after) = (state.writers[session], next.writers[session])
        switch programs[session].steps[before.step] {
        case .find(let append):
            let streams = append.streams.map { stream in
                "\(Self.stream(stream)) (\(after.found >> stream & 1 == 1 ? "there" : "not there"))"
            }
            return "looks for streams: \(streams.joined(separator: ", "))"
        case .lock(let stream):
            return found(stream, by: session, in: state)
                ? "locks stream \(Self.stream(stream))" : "finds nothing to lock"
        case .check(let append):
            let versions = append.streams.map { "\(Self.stream($0)) at \(after.base[$0] - 1)" }.joined(separator: ", ")
            return after.step == before.step + 1 ? "reads the versions: \(versions)" : "finds a conflict and rolls back"
        case .readSequence:
            return "reads the sequence: L0 = \(after.lastValue ?? 0)"
        case .takeMarker:
            guard before.marker == nil, let marker = after.marker else { return "takes it that it holds a marker" }
            return "takes its marker, at \(marker)"
        case .draw:
            let position = after.drawn[after.drawn.count - 1]
            return "draws position \(position)"
                + (next.sequence > position ? " (the sequence is at \(next.sequence))" : "")
        case .create(let stream, _):
            if found(stream, by: session, in: state) { return "has nothing to create" }
            if next.streams[stream].createdBy == session { return "creates stream \(Self.stream(stream))" }
            let what = [
                .startsAgain: "gives its positions up and starts again", .givesUp: "gives this stream up as busy",
                .goesOn: "locks it and goes on with its positions",
            ][writerRules.creatorThatLost, default: ""]
            return "finds that stream \(Self.stream(stream)) has been created: \(what)"
        case .insert:
            let new = next.events.filter { event in !state.events.contains(event) }
            return "inserts " + (new.isEmpty ? "nothing" : new.map(name).joined(separator: ", "))
        case .releaseMarker:
            return "releases its marker"
        case .rollBackToSavepoint:
            return "rolls back to its savepoint"
        case .commit(.becomeVisible):
            return "commits: what it wrote is visible"
        case .commit(.releaseLocks):
            return "releases its marker, as its transaction ends"
        }
    }

    private func describe(reader index: Int, from state: ModelState, to next: ModelState) -> String {
        let after = next.readers[index]
        switch readerRules.steps[state.readers[index].step % readerRules.steps.count] {
        case .readSequence:
            return "reads the sequence: L = \(after.lastValue ?? 0)"
        case .readMarkers:
            return after.lowestMarker.map { "looks at the markers: F = \($0)" } ?? "looks at the markers: there is none"
        case .readRows:
            let positions = next.visible.map { String($0.position) }.joined(separator: ", ")
            return "takes its snapshot of the events: \(positions.isEmpty ? "none" : positions)"
        case .moveCursor:
            let events = toDeliver(to: index, in: state).map { String($0.position) }.joined(separator: ", ")
            return "is given \(events.isEmpty ? "nothing" : events) and stores its cursor, \(after.cursor)"
        }
    }
}

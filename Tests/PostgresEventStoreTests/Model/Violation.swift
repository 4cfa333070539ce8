/// A promise of INVARIANTS.md that does not hold in a state, in words.
enum Violation: Equatable {
    /// ES9, and with it ES8 for subscribers: an event at or below a cursor that was never given.
    case lostEvent(String)
    /// ES8: two scans disagree on what both have read.
    case unstable(String)
    /// ES7: the global order runs against a stream's.
    case order(String)
    /// ES4: a version twice, or a hole.
    case versions(String)
    /// ES6: an append that was begun after another's acknowledgement has a lower position.
    case realTime(String)
    /// ES15: everybody is done, and a reader would still not get everything.
    case stalled(String)
    /// Sessions wait for each other in a circle.
    case deadlock(String)

    var text: String {
        switch self {
        case .lostEvent(let text): "ES9 is broken: \(text)"
        case .unstable(let text): "ES8 is broken: \(text)"
        case .order(let text): "ES7 is broken: \(text)"
        case .versions(let text): "ES4 is broken: \(text)"
        case .realTime(let text): "ES6 is broken: \(text)"
        case .stalled(let text): "ES15 is broken: \(text)"
        case .deadlock(let text): "Deadlock: \(text)"
        }
    }

    /// The invariant's id, or "deadlock".
    var invariant: String {
        switch self {
        case .lostEvent: "ES9"
        case .unstable: "ES8"
        case .order: "ES7"
        case .versions: "ES4"
        case .realTime: "ES6"
        case .stalled: "ES15"
        case .deadlock: "deadlock"
        }
    }
}

extension WatermarkModel {
    /// What a step has broken.
    func violation(from state: ModelState, by action: Action, to next: ModelState) -> Violation? {
        switch action {
        case .read(let reader):
            isScanner(reader) ? scansDisagree(reader, state, next) : eventIsLost(in: next)
        case .write(let session):
            if next.events.count > state.events.count {
                orderInTimeIsBroken(session, in: next)
            } else if case .commit = programs[session].steps[state.writers[session].step] {
                streamsAreBroken(in: next) ?? eventIsLost(in: next) ?? readersAreStalled(in: next)
            } else {
                readersAreStalled(in: next)
            }
        case .rollBack, .crash:
            readersAreStalled(in: next)
        }
    }

    private func orderInTimeIsBroken(_ session: Int, in state: ModelState) -> Violation? {
        let floor = state.writers[session].floor
        let event = state.events.first { $0.position <= floor && $0.writer == session && !$0.isVisible }
        return event.map {
            .realTime("\(name($0)) was begun after position \(floor) was acknowledged, and has a lower one")
        }
    }

    private func streamsAreBroken(in state: ModelState) -> Violation? {
        var last = Array(repeating: -1, count: state.streams.count)
        for event in state.visible {
            let expected = last[event.stream] + 1
            if event.version < expected,
                let other = state.visible.last(where: {
                    $0.stream == event.stream && $0.version >= event.version && $0.position < event.position
                })
            {
                return other.version == event.version
                    ? .versions("\(name(other)) and \(name(event)) have the same version")
                    : .order("\(name(other)) comes before \(name(event))")
            }
            if event.version > expected,
                !state.visible.contains(where: {
                    $0.stream == event.stream && $0.version == expected
                })
            {
                return .versions("\(name(event)) is there, and version \(expected) is not")
            }
            last[event.stream] = max(last[event.stream], event.version)
        }
        return nil
    }

    private func eventIsLost(in state: ModelState) -> Violation? {
        for (index, reader) in state.readers.enumerated() where !isScanner(index) {
            for event in state.visible where event.position <= reader.cursor && reader.given >> event.id & 1 == 0 {
                return .lostEvent(
                    "\(name(event)) is visible below the cursor \(reader.cursor) of reader \(index + 1), which was never given it"
                )
            }
        }
        return nil
    }

    /// Once all sessions are done, one more read gives everything.
    private func readersAreStalled(in state: ModelState) -> Violation? {
        guard programs.indices.allSatisfy({ isDone($0, in: state) }), let last = state.visible.last else { return nil }
        for index in state.readers.indices {
            var next = state
            next.readers[index].step = state.readers[index].step / readerRules.steps.count * readerRules.steps.count
            next.readers[index].lastValue = nil
            next.readers[index].lowestMarker = nil
            for _ in readerRules.steps { read(index, in: &next) }
            if next.readers[index].cursor < last.position {
                return .stalled(
                    "all writers are done, \(name(last)) is committed, and reader \(index + 1) is not given it")
            }
        }
        return nil
    }

    private func scansDisagree(_ index: Int, _ state: ModelState, _ next: ModelState) -> Violation? {
        guard next.readers[index].step.isMultiple(of: readerRules.steps.count) else { return nil }
        func scan(_ state: ModelState) -> [Int] {
            next.events.filter { state.readers[index].given >> $0.id & 1 == 1 }.map(\.position)
        }
        let (first, second) = (scan(state), scan(next))
        if zip(first, second).allSatisfy(==) { return nil }
        return .unstable("reader \(index + 1) scanned \(first), and later \(second)")
    }

    func name(_ event: ModelState.StoredEvent) -> String {
        "position \(event.position) (stream \(Self.stream(event.stream)), version \(event.version))"
    }

    static func stream(_ number: Int) -> String { ["a", "b", "c"][number] }
}

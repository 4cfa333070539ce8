extension WatermarkModel {
    /// Takes a reader's next step. Readers never wait.
    func read(_ index: Int, in state: inout ModelState) {
        let step = readerRules.steps[state.readers[index].step % readerRules.steps.count]
        state.readers[index].step += 1
        switch step {
        case .readSequence:
            state.readers[index].lastValue = readSequence(in: state)
        case .readMarkers:
            state.readers[index].lowestMarker = state.lowestMarker
        case .readRows:
            state.readers[index].snapshot = state.visible.reduce(0) { $0 | 1 << $1.id }
        case .moveCursor:
            deliver(to: index, in: &state)
        }
    }

    /// Up to where a reader with these values may read; a value that its rules never ask for sets no bound.
    func watermark(of reader: ModelState.Reader) -> Int {
        let last = reader.lastValue ?? Int.max / 2
        return min(last, reader.lowestMarker ?? last) + readerRules.beyond
    }

    /// The events that a reader is about to be given, by position.
    func toDeliver(to index: Int, in state: ModelState) -> [ModelState.StoredEvent] {
        let reader = state.readers[index]
        let from = isScanner(index) ? 0 : reader.cursor
        let watermark = watermark(of: reader)
        return state.events.filter {
            $0.position > from && $0.position <= watermark && reader.snapshot >> $0.id & 1 == 1
        }
    }

    func isScanner(_ index: Int) -> Bool {
        if case .scanner = scenario.readers[index] { true } else { false }
    }

    private func deliver(to index: Int, in state: inout ModelState) {
        let events = toDeliver(to: index, in: state)
        let watermark = watermark(of: state.readers[index])
        let given = events.reduce(0) { $0 | 1 << $1.id }
        state.readers[index].given = isScanner(index) ? given : state.readers[index].given | given
        state.readers[index].cursor = max(state.readers[index].cursor, events.last?.position ?? 0)
        if readerRules.cursor == .watermark {
            state.readers[index].cursor = max(state.readers[index].cursor, watermark)
        }
        state.readers[index].lastValue = nil
        state.readers[index].lowestMarker = nil
        state.readers[index].snapshot = 0
    }
}

extension ModelState {
    /// The events, versions and streams of a session's transaction are seen by everybody. With that its row locks are gone
    /// too: a row lock is nothing but the transaction's being in progress. Advisory locks go later, at `releaseLocks`.
    mutating func becomeVisible(_ writer: Int) {
        for index in events.indices where events[index].writer == writer { events[index].isVisible = true }
        for index in streams.indices where writers[writer].written[index] > 0 {
            streams[index].version = writers[writer].written[index] - 2
        }
        writers[writer].written = Bytes()
        unlockRows(of: writer)
    }

    /// All that the transaction has written is gone, as if it had never been; the positions it drew are not given back.
    mutating func undo(_ writer: Int) {
        events.removeAll { $0.writer == writer && !$0.isVisible }
        writers[writer].written = Bytes()
        unlockRows(of: writer)
        forget(writer)
    }

    /// What a statement knew ends with it.
    mutating func forget(_ writer: Int) {
        writers[writer].found = 0
        writers[writer].givenUp = 0
        writers[writer].base = Bytes()
        writers[writer].drawn = Bytes()
        writers[writer].lastValue = nil
    }

    mutating func releaseMarker(_ writer: Int) {
        writers[writer].marker = nil
        writers[writer].remembersMarker = false
    }

    /// The marker stays behind, and nobody is left to release it.
    mutating func leakMarker(_ writer: Int) {
        if let marker = writers[writer].marker { leakedMarker = min(marker, leakedMarker ?? marker) }
        releaseMarker(writer)
    }

    private mutating func unlockRows(of writer: Int) {
        for index in streams.indices {
            if streams[index].lockedBy == writer { streams[index].lockedBy = nil }
            if streams[index].createdBy == writer { streams[index].createdBy = nil }
        }
    }
}

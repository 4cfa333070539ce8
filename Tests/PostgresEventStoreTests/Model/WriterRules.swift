/// What one append does, in order. The SQL is `skald.append_one`, `skald.append_group` and `skald.begin_stream`.
enum AppendStep: String, Hashable, CaseIterable {
    /// One snapshot: which of the streams exist, so that their rows can be locked.
    case find
    /// Lock the rows of the streams that exist, one after the other; waits while another transaction holds one.
    case lock
    /// Read the versions of the streams and compare them with what was expected.
    case check
    /// Read the sequence's last value, L0.
    case readSequence
    /// Take the shared lock whose key holds L0.
    case takeMarker
    /// Draw a position for each event, in the order of (stream, version).
    case draw
    /// Create the rows of the streams that were missing; waits while another transaction is creating one.
    case create
    /// Insert the events and write the versions of the streams.
    case insert
    /// Give the marker back. No right writer does it: its transaction's end does.
    case releaseMarker
}

/// The end of a transaction that commits, as PostgreSQL takes it apart.
enum CommitStep: String, Hashable {
    /// `ProcArrayEndTransaction`: from here on snapshots see the rows.
    case becomeVisible
    /// `ResourceOwnerRelease`: row locks, the transaction's own lock and advisory locks go.
    case releaseLocks
}

/// How writers behave: the protocol, and every way of getting it wrong that has a test.
struct WriterRules {
    var append: [AppendStep] = [.find, .lock, .check, .readSequence, .takeMarker, .draw, .create, .insert]
    var commit: [CommitStep] = [.becomeVisible, .releaseLocks]
    /// What a creator does that finds the stream created by another meanwhile.
    var creatorThatLost: CreatorThatLost = .startsAgain
    /// Streams are locked by name, or in the order in which the caller named them.
    var locksByName = true
    /// How many values a session takes from the sequence at once (`CACHE`).
    var sequenceCache = 1
    /// A sequence that was never called is read as its start value, 1, in place of 0.
    var unusedSequenceReadsOne = false
    /// "I hold a marker" is remembered beside the transaction, so a rollback to a savepoint does not undo it.
    var remembersMarkerOutside = false
    /// The marker is a session-level lock that only the end of a *commit* releases.
    var markerOutlivesRollback = false

    enum CreatorThatLost: Hashable {
        /// Gives its positions up, keeps its locks and its marker, and begins at `find` (`append_one`).
        case startsAgain
        /// Gives up the positions of that stream and appends the rest; the caller hears "busy" (`append_group`).
        case givesUp
        /// Locks the row that the other has created and uses the positions it has drawn.
        case goesOn
    }

    static let right = WriterRules()

    static func steps(_ steps: AppendStep...) -> WriterRules { WriterRules(append: steps) }

    /// The same without a step.
    func without(_ step: AppendStep) -> WriterRules {
        var rules = self
        rules.append.removeAll { $0 == step }
        return rules
    }

    /// The same with a step moved behind another.
    func moving(_ step: AppendStep, behind other: AppendStep) -> WriterRules {
        var rules = without(step)
        if let index = rules.append.firstIndex(of: other) { rules.append.insert(step, at: index + 1) }
        return rules
    }
}

/// How readers behave.
struct ReaderRules {
    var steps: [ReaderStep] = [.readSequence, .readMarkers, .readRows, .moveCursor]
    var cursor: CursorRule = .lastEvent
    /// Added to the watermark: 1 is an off-by-one.
    var beyond = 0

    enum CursorRule: Hashable {
        /// The position of the last event that was read.
        case lastEvent
        /// The watermark, when it is higher.
        case watermark
    }

    static let right = ReaderRules()

    static func steps(_ steps: ReaderStep...) -> ReaderRules { ReaderRules(steps: steps) }
}

/// What one read does, in order; every step is a statement with a snapshot of its own.
enum ReaderStep: String, Hashable, CaseIterable {
    /// `L`: the sequence's last value. Sequences are not transactional: this is never from a snapshot.
    case readSequence
    /// `F`: the smallest L0 of the markers that are held. `pg_locks` is no snapshot either.
    case readMarkers
    /// A snapshot of the rows; those up to min(L, F) are given once both are known.
    case readRows
    /// The events are given to the subscriber and the cursor is stored.
    case moveCursor
}

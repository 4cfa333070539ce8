/// Everything the protocol can see, between two micro-steps.
struct ModelState: Hashable {
    /// The sequence's last value; 0 while it was never called.
    var sequence = 0
    /// The highest position of an append that was acknowledged to its caller.
    var acknowledged = 0
    var streams: [Stream]
    /// Inserted events, by position.
    var events: [StoredEvent] = []
    var writers: [Writer]
    var readers: [Reader]
    var crashesLeft: Int
    /// The lowest L0 that a marker without an owner holds; nil: there is none.
    var leakedMarker: Int?

    struct Stream: Hashable {
        /// As committed; -1: there is no row.
        var version = -1
        /// The session whose transaction has locked the row.
        var lockedBy: Int?
        /// The session whose open transaction has created the row.
        var createdBy: Int?

        var exists: Bool { version >= 0 }
    }

    struct StoredEvent: Hashable {
        var position: Int
        /// Which event of the scenario: after a crash a position can come again with another.
        var id: Int
        var stream: Int
        var version: Int
        var writer: Int
        var isVisible = false

        func hash(into hasher: inout Hasher) {
            hasher.combine(position | id << 8 | stream << 16 | version << 24 | writer << 32 | (isVisible ? 1 << 40 : 0))
        }
    }

    /// A session. What it knows is kept only as long as it can matter, so that equal futures are equal states.
    struct Writer: Hashable {
        var step = 0
        /// The streams that existed at `find`, as a set of bits.
        var found = 0
        /// The streams whose part of the append was given up.
        var givenUp = 0
        /// By stream: the version as read by `check`, plus 1.
        var base = Bytes()
        /// By stream: the version this transaction has written, plus 2; 0 where it has written none.
        var written = Bytes()
        /// The positions drawn for the current append.
        var drawn = Bytes()
        /// Values that the session has taken from the sequence ahead.
        var cached = Bytes()
        var lastValue: Int?
        var marker: Int?
        var remembersMarker = false
        /// What was acknowledged to anybody before this transaction began.
        var floor = 0

        func hash(into hasher: inout Hasher) {
            hasher.combine(step | found << 8 | givenUp << 16 | floor << 24 | (remembersMarker ? 1 << 32 : 0))
            hasher.combine(((lastValue ?? -1) + 1) << 8 | ((marker ?? -1) + 1))
            hasher.combine(base.word ^ written.word << 32)
            hasher.combine(drawn.word ^ cached.word << 32)
        }
    }

    struct Reader: Hashable {
        /// Reads done times steps, plus the step.
        var step = 0
        var lastValue: Int?
        /// Nil: not read yet, or no marker was held.
        var lowestMarker: Int?
        /// The ids of the visible events at `readRows`, as a set of bits.
        var snapshot = 0
        var cursor = 0
        /// The ids of the events it was given; for a scanner: by its last scan.
        var given = 0

        func hash(into hasher: inout Hasher) {
            hasher.combine(step | cursor << 8 | ((lastValue ?? -1) + 1) << 16 | ((lowestMarker ?? -1) + 1) << 24)
            hasher.combine(snapshot << 32 | given)
        }
    }

    var visible: [StoredEvent] { events.filter(\.isVisible) }

    /// F, as `pg_locks` shows it.
    var lowestMarker: Int? { (writers.compactMap(\.marker) + [leakedMarker].compactMap(\.self)).min() }
}

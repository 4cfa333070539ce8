import Synchronization

/// The end of the log as this process knows it: the highest position that it has heard of. What is appended from now on
/// lies above, so an earlier attempt of an append is looked for above what was known before that attempt, and nowhere else.
final class LogEnd: Sendable {
    private let position = Mutex<Int64?>(nil)

    /// Nil while nothing is known.
    var known: Int64? { position.withLock { $0 } }

    /// A position was drawn.
    func heard(_ drawn: Int64) {
        position.withLock { $0 = max($0 ?? drawn, drawn) }
    }

    /// Whatever may have gone back with a server that was lost is not known any more.
    func forget() {
        position.withLock { $0 = nil }
    }

    /// The log was looked at. It may have been rewound, and then what was known is worth nothing.
    func seen(_ head: Int64) {
        position.withLock { $0 = head }
    }
}

/// A small world to explore: which streams exist, what each session appends, and how often readers read.
struct Scenario {
    /// The streams that exist at first, by number; each holds one event, at the positions from 1 on.
    var existing: [Int] = [0, 1]
    var sessions: [Session]
    var readers: [Reader] = [.subscriber(reads: 2)]
    /// How often the database may crash: what is not committed is gone, and the sequence may fall back.
    var crashes = 0
    /// Whether a transaction may roll back, or its session die, at any point. Safety never needs it switched off.
    var writersMayDie = true
    /// Whether sessions that wait for each other for ever count as a fault. PostgreSQL ends one of them with 40P01.
    var deadlockIsAFault = true

    typealias Session = [Transaction]
    typealias Transaction = [Operation]

    enum Operation {
        case append(Append)
        /// Between `savepoint` and `rollback to savepoint`, at the beginning of the transaction.
        case undone(Append)
    }

    struct Append {
        var streams: [Int]
        /// Into each of the streams.
        var events = 1
        /// Only at this version of its first stream (-1: there is no such stream); nil: at any.
        var expected: Int?
    }

    enum Reader {
        /// Goes on from its cursor.
        case subscriber(reads: Int)
        /// Reads all from the beginning, each time.
        case scanner(reads: Int)

        var reads: Int {
            switch self {
            case .subscriber(let reads), .scanner(let reads): reads
            }
        }
    }
}

extension Scenario.Operation {
    static func append(to streams: Int..., events: Int = 1, expecting expected: Int? = nil) -> Self {
        .append(Scenario.Append(streams: streams, events: events, expected: expected))
    }
    static func undone(to streams: Int...) -> Self { .undone(Scenario.Append(streams: streams)) }
}

/// One micro-step of a session: nothing of another session happens during it, anything may happen between two.
enum WriterStep {
    case find(Scenario.Append)
    case lock(stream: Int)
    case check(Scenario.Append)
    case readSequence
    case takeMarker
    case draw
    /// `again` is the index of the append's first step.
    case create(stream: Int, again: Int)
    case insert(Scenario.Append, firstID: Int)
    case releaseMarker
    case rollBackToSavepoint
    case commit(CommitStep)
}

/// A session's steps, one after the other, and where its transactions end.
struct Program {
    private(set) var steps: [WriterStep] = []
    /// By step: the index behind the transaction it belongs to.
    private(set) var end: [Int] = []
    /// By step: whether it is the first of its transaction.
    private(set) var begins: [Bool] = []

    init(_ session: Scenario.Session, existing: [Int], rules: WriterRules, nextID: inout Int) {
        for transaction in session {
            let start = steps.count
            for operation in transaction {
                switch operation {
                case .append(let append):
                    add(append, existing: existing, rules: rules, nextID: &nextID)
                case .undone(let append):
                    add(append, existing: existing, rules: rules, nextID: &nextID)
                    steps.append(.rollBackToSavepoint)
                }
            }
            steps.append(contentsOf: rules.commit.map(WriterStep.commit))
            end.append(contentsOf: repeatElement(steps.count, count: steps.count - start))
            begins.append(contentsOf: (start..<steps.count).map { $0 == start })
        }
    }

    private mutating func add(_ append: Scenario.Append, existing: [Int], rules: WriterRules, nextID: inout Int) {
        let streams = rules.locksByName ? append.streams.sorted() : append.streams
        let again = steps.count
        // A stream is never deleted: where all exist, looking for them finds them, and is no step.
        let allExist = append.streams.allSatisfy(existing.contains)
        for step in rules.append where !(allExist && (step == .find || step == .create)) {
            switch step {
            case .find: steps.append(.find(append))
            case .lock: steps += streams.map { .lock(stream: $0) }
            case .check: steps.append(.check(append))
            case .readSequence: steps.append(.readSequence)
            case .takeMarker: steps.append(.takeMarker)
            case .draw: steps += repeatElement(.draw, count: append.streams.count * append.events)
            case .create: steps += streams.map { .create(stream: $0, again: again) }
            case .insert:
                steps.append(.insert(append, firstID: nextID))
                nextID += append.streams.count * append.events
            case .releaseMarker: steps.append(.releaseMarker)
            }
        }
    }
}

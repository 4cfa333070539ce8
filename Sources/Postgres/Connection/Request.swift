/// Something asked of a connection: made by a caller, carried out on the loop, answered exactly once.
final class Request: Sendable {
    /// What is to be done.
    enum Work: Sendable {
        /// One statement in the pipeline, behind a Sync of its own.
        case statement(SQL)
        /// Several statements in the pipeline behind one Sync: outside of a transaction they are one.
        case batch([SQL])
        /// Several statements in one text, outside of the pipeline.
        case script(String)
        /// One statement whose rows come one by one.
        case rows(SQL, FlowChannel<Row>)
        /// `copy … from stdin`, outside of the pipeline.
        case copyIn(String, CopyStart)
        /// `copy … to stdout`, outside of the pipeline.
        case copyOut(String, FlowChannel<[UInt8]>)
    }

    let work: Work

    /// When the caller stops waiting.
    let deadline: ContinuousClock.Instant

    /// How long each step may take where the work goes in steps, such as rows one by one; the deadline moves with them.
    let patience: Duration?

    /// Where the caller waits.
    let promise = Promise<Answer>()

    /// Whether the server may be asked to cancel it; otherwise its connection is closed when the deadline passes.
    let isCancellable: Bool

    /// Whether its statements are worth being prepared.
    let isPreparable: Bool

    init(
        _ work: Work, deadline: ContinuousClock.Instant, isCancellable: Bool = true, isPreparable: Bool = true,
        patience: Duration? = nil
    ) {
        self.work = work
        self.deadline = deadline
        self.isCancellable = isCancellable
        self.isPreparable = isPreparable
        self.patience = patience
    }

    /// Whether the caller's task was cancelled.
    var isCancelled: Bool {
        if case .copyIn(_, let start) = work, start.accepted.isCancelled { return true }
        return promise.isCancelled
    }

    /// Answers the caller. Only the first answer counts.
    func complete(_ result: Result<Answer, PostgresError>) {
        promise.complete(result)
    }

    /// The text that errors name: that of the statement with this number.
    func text(of statement: Int) -> String {
        switch work {
        case .statement(let sql): sql.text
        case .batch(let statements): statements[min(statement, statements.count - 1)].text
        case .rows(let sql, _): sql.text
        case .script(let text), .copyIn(let text, _), .copyOut(let text, _): text
        }
    }
}

/// What a request is answered with.
enum Answer: Sendable {
    /// Done, and there is nothing to show.
    case done
    case one(ResultHandle)
    case many([ResultHandle])

    /// The results, one for each statement of the request.
    var results: [ResultHandle] {
        switch self {
        case .done: []
        case .one(let result): [result]
        case .many(let results): results
        }
    }

    mutating func append(_ result: ResultHandle) {
        switch self {
        case .done: self = .one(result)
        case .one(let first): self = .many([first, result])
        case .many(var results):
            self = .done
            results.append(result)
            self = .many(results)
        }
    }
}

public import Resilience

/// How long a step may take and how often it is tried.
public struct StepSettings: Sendable, Hashable {
    /// The time for the step with all its attempts, from the first one's start; nil is without limit.
    ///
    /// When it has passed the outcome counts as unknown: a compensatable step is undone with all before it; a pivot or
    /// a retriable step needs attention.
    public var deadline: Duration?
    /// The time for one attempt. A call is cancelled then, a command is sent again, by ``retry``.
    public var attemptDeadline: Duration
    /// How often the action is tried.
    public var retry: RetryPolicy
    /// How often the undo is tried before the saga needs attention.
    public var undoRetry: RetryPolicy

    /// What holds where the definition says nothing.
    ///
    /// One attempt has 60 s as a call and 5 minutes as a command. Compensatable: 5 attempts from 200 ms up to 30 s
    /// apart. Pivot: 10 attempts, up to 60 s apart. Retriable: without limit, up to 60 s apart. Undo: 20 attempts, up
    /// to 60 s apart, which is a quarter of an hour. All with full jitter.
    static func defaults(for kind: StepKind, command: Bool) -> StepSettings {
        let slow = Backoff.exponential(from: .milliseconds(200), upTo: .seconds(60))
        let retry: RetryPolicy =
            switch kind {
            case .compensatable: .attempts(5)
            case .pivot: .attempts(10, backoff: slow)
            case .retriable, .wait: .forever(backoff: slow)
            }
        return StepSettings(
            deadline: nil, attemptDeadline: command ? .seconds(300) : .seconds(60), retry: retry,
            undoRetry: .attempts(20, backoff: slow))
    }
}

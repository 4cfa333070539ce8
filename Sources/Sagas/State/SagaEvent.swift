public import EventSourcing

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a saga's history is made of: the facts of `$saga:<name>-<id>`, from which ``SagaState`` is folded.
///
/// The case labels are the stored types and the labels of the values are the stored keys: they are for ever. An event
/// says all that folding needs, so that a history can be read without the saga's Swift types. Dates are by the
/// database's clock.
public enum SagaEvent: Hashable, Codable, Sendable {
    /// The saga was accepted, with its input. Its first step begins when a worker sees it.
    case started(definition: Int, input: JSONValue, at: Date)
    /// The intent to do an attempt of a step, and with that to undo it: durable before the action starts.
    case stepStarted(step: StepName, attempt: Int, at: Date, awaits: AttemptKind, due: Date, deadline: Date?)
    /// An attempt came to nothing, or its outcome is unknown; another one follows.
    case attemptFailed(step: StepName, attempt: Int, error: String, outcome: FailureKind, retryAt: Date, pause: Double)
    /// The step is done.
    case stepSucceeded(step: StepName, attempt: Int, result: JSONValue?)
    /// The step's condition did not hold.
    case stepPassedOver(step: StepName)
    /// The step was given up before or at the pivot.
    case stepFailed(step: StepName, attempt: Int, error: String, mayHaveHappened: Bool)
    /// A pause began.
    case timerSet(step: StepName, attempt: Int, due: Date)
    /// A pause ended.
    case timerFired(step: StepName)
    /// The saga turned back.
    case compensationStarted(reason: String)
    /// The intent to do an attempt of an undo.
    case undoStarted(step: StepName, attempt: Int, at: Date, awaits: AttemptKind, due: Date)
    /// An attempt of an undo came to nothing; another one follows.
    case undoAttemptFailed(step: StepName, attempt: Int, error: String, retryAt: Date, pause: Double)
    /// The step is undone.
    case stepUndone(step: StepName, attempt: Int)
    /// An outcome came that no longer decides anything, or after the step had been given up.
    case lateOutcome(
        step: StepName, attempt: Int, direction: SagaDirection, outcome: OutcomeKind, result: JSONValue?,
        undoAgain: Bool)
    /// The saga can't go on without a person.
    case attentionNeeded(step: StepName, direction: SagaDirection, reason: String)
    /// An operator had the current step or undo tried again at once, with its attempts counted anew.
    case retriedByOperator(step: StepName, actor: String, reason: String, at: Date)
    /// An operator declared the current step, or its undo, as settled without it being done.
    case skippedByOperator(step: StepName, direction: SagaDirection, actor: String, reason: String)
    /// An operator gave the current step its result.
    case resultSetByOperator(step: StepName, result: JSONValue?, actor: String, reason: String)
    /// What an operator asked for could not be done in the state the saga was in.
    case operatorRefused(verb: String, actor: String, reason: String, because: String)
    /// The end: every step done.
    case completed
    /// The end: everything that may have happened is undone.
    case compensated
}

/// Which way a saga goes.
public enum SagaDirection: String, Sendable, Hashable, Codable {
    /// Doing its steps.
    case forward
    /// Undoing them.
    case backward
}

/// What an attempt is waiting for.
public enum AttemptKind: String, Sendable, Hashable, Codable {
    /// A call that a worker runs.
    case call
    /// The reply to a command.
    case reply
}

/// What is known of an attempt that failed.
public enum FailureKind: String, Sendable, Hashable, Codable {
    /// It has certainly not happened.
    case refused
    /// It may have happened.
    case unknown
}

/// How an attempt ended, in one word.
public enum OutcomeKind: String, Sendable, Hashable, Codable {
    /// It was done.
    case succeeded
    /// It has certainly not happened.
    case refused
    /// It may have happened.
    case failed
}

extension SagaEvent: Event {
    /// The category in the stored types, such as `$saga.stepStarted`; the framework's own, like the streams' names.
    public static let category: StreamCategory = "$saga"
}

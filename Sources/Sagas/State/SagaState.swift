#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What is needed to go on with a saga, folded from its history and kept in its row.
///
/// ```
///                  ┌────────── retry ◂──────────┐
///   waiting ──▸ running / waiting for reply ────┤ success: next step, or completed
///   (start)        ▴                            ├ refused, given up: turn back ──▸ undo … ──▸ compensated
///                  └── operator ── needs attention ◂── no way forward or back
/// ```
/// There are three ends: completed, compensated, needs attention; only the last can be left, by an operator or a late
/// answer.
public struct SagaState: Sendable, Hashable, Codable {
    /// What the saga is doing.
    public enum Status: String, Sendable, Hashable, Codable {
        /// A worker runs a call.
        case running
        /// For what ``SagaState/waitingFor`` says.
        case waiting
        /// A person has to help; ``SagaState/reason`` says why.
        case needsAttention = "needs-attention"
        /// The end: every step done.
        case completed
        /// The end: everything that may have happened is undone.
        case compensated
    }

    /// What a waiting saga waits for.
    public enum Waiting: String, Sendable, Hashable, Codable {
        /// A worker that begins it.
        case start
        /// The reply to a command.
        case reply
        /// The pause before the next attempt.
        case retry
        /// The end of a `Wait` step.
        case timer
    }

    /// A step that has, or may have, taken effect.
    public struct Effect: Sendable, Hashable, Codable {
        /// The step.
        public let step: StepName
        /// Whether it has certainly happened.
        public internal(set) var certain: Bool
        /// How many attempts to undo it have begun.
        public internal(set) var undoAttempts = 0
        /// The undo attempts that had begun when a success came late: none of them can have undone that.
        var undoFloor: Int?
    }

    /// The version of the definition it runs under.
    public internal(set) var definition: Int
    /// What it is doing.
    public internal(set) var status: Status
    /// Which way it goes.
    public internal(set) var direction: SagaDirection = .forward
    /// What it waits for, when it is waiting.
    public internal(set) var waitingFor: Waiting?
    /// The step it is at.
    public internal(set) var step: StepName?
    /// The number of the current attempt, or of the last one.
    public internal(set) var attempt = 0
    /// When the engine has to look at it again, by the database's clock; nil while nothing is due.
    public internal(set) var dueAt: Date?
    /// The end of the current step's time, where it has a deadline.
    public internal(set) var deadline: Date?
    /// The last error of the current step, or why attention is needed.
    public internal(set) var reason: String?
    /// Why it turned back.
    public internal(set) var failure: String?
    /// The input and the results.
    public internal(set) var data: SagaData
    /// The steps it has passed, in order.
    public internal(set) var settled: [StepName] = []
    /// What would have to be undone, in order of completion.
    public internal(set) var effects: [Effect] = []
    /// What has been undone, in order.
    public internal(set) var undone: [Effect] = []

    /// The attempts that the policy no longer counts, since an operator had the step tried again.
    var attemptsBefore = 0
    /// When the first attempt that counts began.
    var attemptsSince: Date?
    /// The pause before the current attempt, in seconds.
    var pause: Double?
    /// Whether an attempt of the current step may have taken effect.
    var mayHaveHappened = false

    /// Whether it has reached one of the two ends that can't be left.
    public var isFinished: Bool { status == .completed || status == .compensated }
}

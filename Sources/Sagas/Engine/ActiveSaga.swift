/// A saga in hand.
struct ActiveSaga {
    enum Phase {
        /// A transition is on its way; what it was decided on is kept in case it can't be stored.
        case writing(PendingTransition, before: SagaMachine)
        /// A call is running, and nothing else is going on.
        case acting(SagaAction)
    }

    let key: SagaKey
    var machine: SagaMachine
    var revision: Int64
    var phase: Phase?
    /// The attempt whose call runs in this process, from its start until its own end: it must not be started again.
    var inFlight: SagaAction?
    /// The attempt whose time was found to be up while a transition was on its way.
    var overdue: SagaAction?
    /// Outcomes of calls that had been given up, come while a transition was on its way.
    var late: [StepOutcome] = []
    /// Whether this transition already says that another one could not be stored.
    var isComplaining = false
}

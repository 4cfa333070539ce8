import Metrics

/// What the saga engine measures. The names follow the OpenTelemetry conventions: dots between words, units in seconds.
struct SagaMetrics: Sendable {
    private let groupSize = Recorder(label: "saga.transition.group_size")
    private let fenced = Counter(label: "saga.transition.fenced")
    private let dueLag = Timer(label: "saga.due.lag")
    private let active = Gauge(label: "saga.worker.active")

    func groupWritten(size: Int) { groupSize.record(size) }

    func transitionFenced() { fenced.increment() }

    /// How long after it was due a saga was taken up.
    func takenUp(late seconds: Double) { dueLag.recordSeconds(max(0, seconds)) }

    func active(_ count: Int) { active.record(count) }

    func ended(_ saga: SagaKey, _ status: SagaState.Status) {
        Counter(label: "saga.ended", dimensions: [("saga", saga.name.rawValue), ("status", status.rawValue)])
            .increment()
    }

    func attempted(
        _ saga: SagaKey, _ step: StepName, _ direction: SagaDirection, took duration: Duration, _ outcome: String
    ) {
        Timer(
            label: "saga.step.duration",
            dimensions: [
                ("saga", saga.name.rawValue), ("step", step.rawValue), ("direction", direction.rawValue),
                ("outcome", outcome),
            ]
        ).record(duration: duration)
    }

    /// How many sagas are under way, by kind and state, and how long the one that has waited longest is overdue.
    func counted(_ group: SagaGroups.Group, _ size: SagaGroups.Size) {
        let dimensions = [
            ("saga", group.saga), ("definition", String(group.definition)), ("status", group.status),
        ]
        Gauge(label: "saga.count", dimensions: dimensions).record(size.count)
        Gauge(label: "saga.overdue", dimensions: dimensions).record(size.overdue)
    }
}

import EventSourcing
import Metrics

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the store measures. The names follow the OpenTelemetry conventions: dots between words, units in seconds.
struct EventStoreMetrics: Sendable {
    private let appendDuration = Timer(label: "eventstore.append.duration")
    private let appendedEvents = Counter(label: "eventstore.append.events")
    private let conflicts = Counter(label: "eventstore.append.conflicts")
    private let unknownOutcomes = Counter(label: "eventstore.append.unknown_outcomes")
    private let groupSize = Recorder(label: "eventstore.append.group_size")
    private let head = Gauge(label: "eventstore.head.position")
    private let watermark = Gauge(label: "eventstore.watermark.position")
    private let lag = Gauge(label: "eventstore.watermark.lag")
    private let holderAge = Gauge(label: "eventstore.watermark.holder.age")

    func appended(_ result: Result<AppendResult, EventStoreError>, events: Int, took duration: Duration) {
        switch result {
        case .success(let result):
            appendDuration.record(duration: duration)
            if !result.wasReplayed { appendedEvents.increment(by: events) }
        case .failure(let error) where error.code == .versionConflict: conflicts.increment()
        case .failure(let error) where error.code == .outcomeUnknown: unknownOutcomes.increment()
        case .failure: break
        }
    }

    /// An append of a transaction that has committed. How long it took is the transaction's affair.
    func committed(_ result: AppendResult, events: Int) {
        if !result.wasReplayed { appendedEvents.increment(by: events) }
    }

    /// An append of a transaction met another version. The transaction may go on.
    func conflicted() { conflicts.increment() }

    /// The answer to the commit of a transaction that had appended was lost.
    func commitUnknown() { unknownOutcomes.increment() }

    func groupSent(size: Int) { groupSize.record(size) }

    func observed(_ status: LogStatus) {
        head.record(status.head.rawValue)
        watermark.record(status.watermark.rawValue)
        lag.record(status.lag)
        holderAge.record(status.holder?.since.map { max(0, Date.now.timeIntervalSince($0)) } ?? 0)
    }
}

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The database's time between two looks at it.
///
/// It is never behind the database: an answer's time is taken to have been read when the question was *sent*, so what
/// is due a duration from `now` is never early, and late by a round trip at most. Every answer corrects it, also after
/// the database's clock has jumped.
struct DatabaseClock: Sendable {
    private var reading: (time: Date, sent: ContinuousClock.Instant)?

    /// Takes the time that an answer holds.
    mutating func read(_ time: Date, sent: ContinuousClock.Instant) { reading = (time, sent) }

    /// The database's time, or this machine's as long as the database has not been asked.
    func now(_ instant: ContinuousClock.Instant = .now) -> Date {
        guard let reading else { return Date() }
        return reading.time.adding(reading.sent.duration(to: instant))
    }
}

import DequeModule
import EventSourcing

/// The appends that wait for their turn, and the rule by which they are gathered into groups: what is waiting while the
/// groups before are in flight goes together in the next (natural batching; a lone append never lingers).
///
/// A pure value: what happens goes in, groups come out, nobody is called. `Reply` is whatever the owner needs to answer
/// the caller with.
///
/// ```
///             enqueue            nextGroup              finished(.done)
///   caller ───────────▶ waiting ───────────▶ in flight ────────────────▶ gone
///                          ▲                    │
///                          └────────────────────┘ finished(.again)
/// ```
///
/// Two appends to one stream keep their order: while a stream is in flight, later appends to it wait. Within a group a
/// stream has either one append with an expectation or any number without, which is what `append_group` asks for.
struct AppendQueue<Reply: Sendable>: Sendable {
    /// One caller's append.
    struct Member: Sendable {
        var append: EncodedAppend
        var reply: Reply
        /// The moment after which the caller is no longer served.
        var deadline: ContinuousClock.Instant
        /// How often it was sent before.
        var attempts = 0
        /// Whether one of those attempts may have happened.
        var isUnknown = false
    }

    struct Limits: Sendable {
        /// Appends per group.
        var appends = 256
        /// Events per group; a single larger append still goes, alone.
        var events = 2_000
        /// Bytes of data and metadata per group; a single larger append still goes, alone.
        var bytes = 4 << 20
        /// Appends that may wait; one more is refused.
        var waiting = 8_192
        /// Bytes that may wait; one more append is refused.
        var waitingBytes = 64 << 20
    }

    private let limits: Limits
    private var waiting: Deque<Member> = []
    private var waitingBytes = 0
    private var streamsInFlight: Set<StreamID> = []

    init(limits: Limits) {
        self.limits = limits
    }

    var count: Int { waiting.count }

    /// Puts an append at the end of the line; false if the line is full.
    mutating func enqueue(_ member: Member) -> Bool {
        guard waiting.count < limits.waiting, waitingBytes + member.append.bytes <= limits.waitingBytes else {
            return false
        }
        waiting.append(member)
        waitingBytes += member.append.bytes
        return true
    }

    /// Puts appends that were in flight back at the front, in their order. They have been let in once, so no limit counts.
    mutating func again(_ members: [Member]) {
        for member in members.reversed() {
            waiting.prepend(member)
            waitingBytes += member.append.bytes
        }
    }

    /// The next group, sorted by stream, and the appends whose time ran out before they were ever sent.
    mutating func nextGroup(now: ContinuousClock.Instant) -> (group: [Member], expired: [Member]) {
        var group: [Member] = []
        var expired: [Member] = []
        var held: Deque<Member> = []
        var events = 0
        var bytes = 0
        var closedStreams: Set<StreamID> = []  // in this group with an expectation, or held back: order must be kept
        var openStreams: Set<StreamID> = []  // in this group without an expectation
        var ids: Set<AppendID> = []  // in this group: the same id twice must see what the first one did
        var scanned = 0
        while let member = waiting.first {
            let append = member.append
            let full =
                group.count >= limits.appends
                || !group.isEmpty
                    && (events + append.events.count > limits.events || bytes + append.bytes > limits.bytes)
            if full || scanned >= limits.appends * 4 { break }
            scanned += 1
            waiting.removeFirst()
            if member.deadline <= now {
                waitingBytes -= append.bytes
                expired.append(member)
            } else if streamsInFlight.contains(append.stream) || closedStreams.contains(append.stream)
                || append.hasExpectation && openStreams.contains(append.stream) || ids.contains(append.id)
            {
                closedStreams.insert(append.stream)
                held.append(member)
            } else {
                if append.hasExpectation {
                    closedStreams.insert(append.stream)
                } else {
                    openStreams.insert(append.stream)
                }
                ids.insert(append.id)
                waitingBytes -= append.bytes
                events += append.events.count
                bytes += append.bytes
                group.append(member)
            }
        }
        for member in held.reversed() { waiting.prepend(member) }
        for member in group { streamsInFlight.insert(member.append.stream) }
        if group.count > 1 { group.sortStably { $0.append.stream < $1.append.stream } }
        return (group, expired)
    }

    /// The streams of a group, or of an append that had a lane of its own, are free again.
    mutating func finished(_ streams: some Sequence<StreamID>) {
        streamsInFlight.subtract(streams)
    }

    /// Takes the first append back that meets the condition; false if none waits.
    mutating func remove(where isMeant: (Member) -> Bool) -> Bool {
        guard let index = waiting.firstIndex(where: isMeant) else { return false }
        waitingBytes -= waiting.remove(at: index).append.bytes
        return true
    }

    /// True while nothing is in flight.
    var isIdle: Bool { streamsInFlight.isEmpty }

    /// Empties the line, for shutdown.
    mutating func removeAll() -> [Member] {
        defer {
            waiting.removeAll()
            waitingBytes = 0
        }
        return Array(waiting)
    }
}

extension Array {
    /// Sorts, keeping the order of equals: two appends to one stream must not change places.
    fileprivate mutating func sortStably(by areInIncreasingOrder: (Element, Element) -> Bool) {
        let sorted = enumerated().sorted { left, right in
            if areInIncreasingOrder(left.element, right.element) { return true }
            if areInIncreasingOrder(right.element, left.element) { return false }
            return left.offset < right.offset
        }
        self = sorted.map(\.element)
    }
}

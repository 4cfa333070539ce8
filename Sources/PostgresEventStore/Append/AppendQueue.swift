import DequeModule
import EventSourcing

/// The appends that wait for their turn, and the rule by which they are gathered into groups: what is waiting while the
/// groups before are in flight goes together in the next (natural batching). An append that finds nothing on its way goes at
/// once; one that finds a large group on its way is gathered with others, for a short time (`isWorthAGroup`).
///
/// A pure value: what happens goes in, groups come out, nobody is called. `Reply` is whatever the owner needs to answer
/// the caller with.
///
/// ```
///             enqueue            nextGroup            finished
///   caller ───────────▶ ready ───────────▶ in flight ──────────▶ gone
///              │          ▲ ▲                  │ │
///              │          │ └───── again ──────┘ │ busy
///              ▼          │                      ▼
///            behind ──────┘                   in lane ──nextInLane──▶ in flight, alone
///        (its stream is in flight)
/// ```
///
/// Two appends to one stream keep their order: while a stream is in flight or in the lane, later appends to it stand
/// behind it, where they are in nobody's way. Within a group a stream has either one append with an expectation or any
/// number without, which is what `append_group` asks for.
struct AppendQueue<Reply: Sendable>: Sendable {
    /// One caller's append.
    struct Member: Sendable {
        /// What never changes, behind one reference: a member goes through several lines and is sorted.
        private let call: Call
        /// How often it was sent before.
        var attempts = 0
        /// Whether one of those attempts may have happened.
        var isUnknown = false
        /// Whether it was sent before, so that its id may have been used.
        var isResent: Bool { attempts > 0 }
        /// The end of the log as it was known when the append was first sent: what it wrote then lies above. A crash may take
        /// positions back that were known, so that is not all that an append which is sent again is looked for in.
        var known: Int64?
        /// Its place among all that were ever let in.
        fileprivate(set) var number: UInt64 = 0

        init(append: EncodedAppend, reply: Reply, deadline: ContinuousClock.Instant) {
            call = Call(append: append, reply: reply, deadline: deadline)
        }

        var append: EncodedAppend { call.append }
        var reply: Reply { call.reply }
        /// The moment after which the caller is no longer served.
        var deadline: ContinuousClock.Instant { call.deadline }
    }

    private final class Call: Sendable {
        let append: EncodedAppend
        let reply: Reply
        let deadline: ContinuousClock.Instant

        init(append: EncodedAppend, reply: Reply, deadline: ContinuousClock.Instant) {
            self.append = append
            self.reply = reply
            self.deadline = deadline
        }
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
        /// Bytes that may wait; one more append is refused, unless it is the first: a single larger one still goes.
        var waitingBytes = 64 << 20
    }

    private let limits: Limits
    private var lastNumber: UInt64 = 0
    private var ready: Deque<Member> = []
    /// By stream in flight, in order of number.
    private var behind: [StreamID: Deque<Member>] = [:]
    private var lane: Deque<Member> = []
    private var inFlight: Set<StreamID> = []
    /// Of all that wait, wherever they do.
    private(set) var count = 0
    private var waitingBytes = 0

    init(limits: Limits) {
        self.limits = limits
    }

    /// True while nothing waits and nothing is in flight.
    var isIdle: Bool { count == 0 && inFlight.isEmpty }

    /// Whether there may be something for a worker of groups.
    var hasReady: Bool { !ready.isEmpty }

    /// Lets an append in; false if there is no room.
    mutating func enqueue(_ member: Member) -> Bool {
        guard count < limits.waiting, count == 0 || waitingBytes + member.append.bytes <= limits.waitingBytes else {
            return false
        }
        var member = member
        lastNumber += 1
        member.number = lastNumber
        wait(for: member)
        if inFlight.contains(member.append.stream) {
            behind[member.append.stream, default: []].append(member)
        } else {
            ready.append(member)
        }
        return true
    }

    /// Lets an append in that is sent at once and alone; nil if others come first.
    mutating func beginAlone(_ member: Member, sent: Int = 0) -> Member? {
        guard count == 0, Self.isWorthAGroup(1, sent: sent), inFlight.insert(member.append.stream).inserted else {
            return nil
        }
        var member = member
        lastNumber += 1
        member.number = lastNumber
        return member
    }

    /// Whether what is ready is worth a commit of its own while others are being sent.
    func isWorthAGroup(sent: Int) -> Bool { Self.isWorthAGroup(ready.count, sent: sent) }

    /// Answers come a group at a time, and the callers come back one by one: if the first of them were sent off at once, all
    /// the others would stand behind a commit for one. So what is ready waits until it is half as much as what is on its
    /// way, or until that is answered: then groups stay of like size, and each is worth its commit.
    private static func isWorthAGroup(_ ready: Int, sent: Int) -> Bool { 2 * ready >= sent }

    /// The next group, and the appends whose time ran out before it was their turn.
    mutating func nextGroup(now: ContinuousClock.Instant) -> (group: [Member], expired: [Member]) {
        var group: [Member] = []
        var expired: [Member] = []
        var events = 0
        var bytes = 0
        var openStreams: Set<StreamID> = []  // in this group without an expectation: they take more of the kind
        var heldBack: Set<StreamID> = []  // what comes later for these must not overtake
        var ids: Set<AppendID> = []  // in this group, given: the same id twice must see what the first one did
        while let member = ready.first {
            let append = member.append
            let full =
                group.count >= limits.appends
                || !group.isEmpty
                    && (events + append.events.count > limits.events || bytes + append.bytes > limits.bytes)
            if full { break }
            ready.removeFirst()
            if member.deadline <= now {
                waitsNoMore(member)
                expired.append(member)
            } else if !heldBack.contains(append.stream), !(append.isIDGiven && ids.contains(append.id)),
                takes(append, openStreams: &openStreams)
            {
                if append.isIDGiven { ids.insert(append.id) }
                waitsNoMore(member)
                events += append.events.count
                bytes += append.bytes
                group.append(member)
            } else {
                heldBack.insert(append.stream)
                stand(behind: append.stream, member)
            }
        }
        // What stands behind a stream that is not in flight (the same id on another stream) is for the next group.
        for stream in heldBack where !inFlight.contains(stream) {
            for member in (behind.removeValue(forKey: stream) ?? []).reversed() { ready.prepend(member) }
        }
        return (group, expired)
    }

    /// The next append that waits for its stream alone, or has no time left to.
    mutating func nextInLane() -> Member? {
        guard let member = lane.popFirst() else { return nil }
        waitsNoMore(member)
        return member
    }

    /// A group, or an append that was alone, was answered. Some go again, before all others; of those whose stream is busy
    /// the first goes to the lane's end, and all others to that stream stay behind it.
    mutating func finished(_ members: [Member], again: [Member] = [], busy: [Member] = []) {
        let held = Set(busy.map(\.append.stream))
        for member in again + busy { wait(for: member) }
        for member in again.reversed() where !held.contains(member.append.stream) { ready.prepend(member) }
        for member in again + busy where held.contains(member.append.stream) {
            stand(behind: member.append.stream, member)
        }
        for member in members where !held.contains(member.append.stream) { release(member.append.stream) }
        for stream in held {
            if let first = behind[stream]?.popFirst() { lane.append(first) }
        }
    }

    /// Takes the first append back that meets the condition; false if none waits.
    mutating func remove(where isMeant: (Member) -> Bool) -> Bool {
        if let index = ready.firstIndex(where: isMeant) {
            waitsNoMore(ready.remove(at: index))
            return true
        }
        if let index = lane.firstIndex(where: isMeant) {
            let member = lane.remove(at: index)
            waitsNoMore(member)
            release(member.append.stream)
            return true
        }
        for (stream, members) in behind {
            guard let index = members.firstIndex(where: isMeant) else { continue }
            behind[stream]?.remove(at: index)
            waitsNoMore(members[index])
            return true
        }
        return false
    }

    /// Takes out the appends whose time is up: those that wait in line or behind their stream, and those in the lane.
    mutating func removeExpired(now: ContinuousClock.Instant) -> (inLine: [Member], inLane: [Member]) {
        guard let earliest = earliestDeadline, earliest <= now else { return ([], []) }
        func isLate(_ member: Member) -> Bool { member.deadline <= now }
        var inLine = ready.filter(isLate)
        ready.removeAll(where: isLate)
        for (stream, line) in behind where line.contains(where: isLate) {
            inLine += line.filter(isLate)
            let left = line.filter { !isLate($0) }
            behind[stream] = left.isEmpty ? nil : left
        }
        let inLane = Array(lane.filter(isLate))
        lane.removeAll(where: isLate)
        for member in inLane { release(member.append.stream) }
        for member in inLine + inLane { waitsNoMore(member) }
        return (Array(inLine), inLane)
    }

    /// When the time of the first of all that wait is up.
    var earliestDeadline: ContinuousClock.Instant? {
        let lines = behind.values.lazy.compactMap { $0.lazy.map(\.deadline).min() }
        return [ready.lazy.map(\.deadline).min(), lane.lazy.map(\.deadline).min(), lines.min()].compactMap(\.self).min()
    }

    /// Empties the line, for shutdown.
    mutating func removeAll() -> [Member] {
        defer {
            ready = []
            behind = [:]
            lane = []
            count = 0
            waitingBytes = 0
        }
        return Array(ready) + Array(lane) + behind.values.flatMap(\.self)
    }

    // MARK: Private parts

    /// Whether the append's stream can go with the group that is being made; from then on it is in flight.
    private mutating func takes(_ append: EncodedAppend, openStreams: inout Set<StreamID>) -> Bool {
        if append.hasExpectation { return inFlight.insert(append.stream).inserted }
        if openStreams.contains(append.stream) { return true }
        guard inFlight.insert(append.stream).inserted else { return false }
        openStreams.insert(append.stream)
        return true
    }

    private mutating func wait(for member: Member) {
        count += 1
        waitingBytes += member.append.bytes
    }

    private mutating func waitsNoMore(_ member: Member) {
        count -= 1
        waitingBytes -= member.append.bytes
    }

    private mutating func stand(behind stream: StreamID, _ member: Member) {
        var line = behind.removeValue(forKey: stream) ?? []
        let place = line.firstIndex { $0.number > member.number } ?? line.endIndex
        line.insert(member, at: place)
        behind[stream] = line
    }

    /// The stream is free: who stood behind it is ready.
    private mutating func release(_ stream: StreamID) {
        inFlight.remove(stream)
        if !behind.isEmpty, let line = behind.removeValue(forKey: stream) { ready.append(contentsOf: line) }
    }
}

extension Array {
    /// Sorts by stream, keeping the order of equals: two appends to one stream must not change places.
    func sortedByStream<Reply>() -> [Element] where Element == AppendQueue<Reply>.Member {
        sorted { left, right in
            if left.append.stream < right.append.stream { return true }
            return left.number < right.number && left.append.stream == right.append.stream
        }
    }
}

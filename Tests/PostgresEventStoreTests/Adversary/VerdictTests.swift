import Testing

/// The judge of the attacks finds each broken promise in a record that was sound before.
@Suite struct VerdictTests {
    private static let start = ContinuousClock.now

    /// Two appends to a stream, one after the other, a third that failed, and a fourth whose outcome is unknown.
    private var sound: (appends: [AttackedAppend], stored: [GivenEvent]) {
        var first = AttackedAppend(to: "a", expecting: -1, events: 2)
        var second = AttackedAppend(to: "a", expecting: 1, events: 1)
        var failed = AttackedAppend(to: "a", expecting: 1, events: 1)
        var unknown = AttackedAppend(to: "b", events: 1)
        (first.began, first.ended) = (Self.start, Self.start + .seconds(1))
        (second.began, second.ended) = (Self.start + .seconds(2), Self.start + .seconds(3))
        first.outcome = .done(.init(first: 0, last: 1, position: 2))
        second.outcome = .done(.init(first: 2, last: 2, position: 4))
        failed.outcome = .failed
        unknown.outcome = .unknown
        let stored = [
            GivenEvent(position: 1, stream: "a", version: 0, key: first.key, number: 0),
            GivenEvent(position: 2, stream: "a", version: 1, key: first.key, number: 1),
            GivenEvent(position: 3, stream: "b", version: 0, key: unknown.key, number: 0),
            GivenEvent(position: 4, stream: "a", version: 2, key: second.key, number: 0),
        ]
        return ([first, second, failed, unknown], stored)
    }

    private func complaints(
        _ appends: [AttackedAppend], _ stored: [GivenEvent], given: [GivenEvent]? = nil, scans: [[GivenEvent]]? = nil
    ) -> Set<String> {
        let record = Attack.Record(
            appends: appends, given: [given ?? stored], scans: scans ?? [Array(stored.prefix(2)), stored],
            stored: stored,
            lost: nil)
        return Set(Verdict(record: record).complaints.map { String($0.prefix { $0 != ":" && $0 != "," }) })
    }

    @Test func `a sound record has no complaints, with or without what is unknown`() {
        let (appends, stored) = sound
        #expect(complaints(appends, stored).isEmpty)
        let without = stored.filter { $0.stream != "b" }
        #expect(complaints(appends, without).isEmpty)
    }

    @Test func `ES1: an acknowledged event that is gone`() {
        let (appends, stored) = sound
        #expect(complaints(appends, stored.dropLast()) == ["ES1"])
    }

    @Test func `ES2: a failed append that is there`() {
        let (appends, stored) = sound
        let extra = GivenEvent(position: 5, stream: "a", version: 3, key: appends[2].key, number: 0)
        #expect(complaints(appends, stored + [extra]) == ["ES2"])
    }

    @Test func `ES3: half an append, and an append that came twice`() {
        let (appends, stored) = sound
        #expect(complaints(appends, [stored[0]] + stored[2...]).contains("ES3"))
        let twice = GivenEvent(position: 5, stream: "b", version: 1, key: appends[3].key, number: 0)
        #expect(complaints(appends, stored + [twice]) == ["ES3"])
    }

    @Test func `ES5: two that expected the same version and were both told that they had won`() {
        var (appends, stored) = sound
        appends[2].outcome = .done(.init(first: 3, last: 3, position: 5))
        appends[2].ended = appends[2].began + .seconds(60)
        stored.append(GivenEvent(position: 5, stream: "a", version: 3, key: appends[2].key, number: 0))
        #expect(complaints(appends, stored) == ["ES5"])
    }

    @Test func `ES10: an append that was told something else when it was made again`() {
        let (sent, stored) = sound
        var appends = sent
        appends[1].repetition = .init(first: 2, last: 2, position: 4)
        #expect(complaints(appends, stored).isEmpty)
        appends[1].repetition = .init(first: 3, last: 3, position: 5)
        #expect(complaints(appends, stored) == ["ES10"])
    }

    @Test func `ES6: an append with a lower position than one that was acknowledged before it began`() {
        let (sent, stored) = sound
        var appends = sent
        appends[3].outcome = .done(.init(first: 0, last: 0, position: 3))
        appends[3].began = appends[1].ended + .seconds(1)
        appends[3].ended = appends[3].began
        #expect(complaints(appends, stored) == ["ES6"])
    }

    @Test func `ES7: positions that run against the versions`() {
        let (appends, stored) = sound
        let turned = [
            GivenEvent(position: 1, stream: "a", version: 1, key: appends[0].key, number: 1),
            GivenEvent(position: 2, stream: "a", version: 0, key: appends[0].key, number: 0),
        ]
        #expect(complaints(appends, turned + stored[2...]).contains("ES7"))
    }

    @Test func `ES8: two scans that disagree`() {
        let (appends, stored) = sound
        #expect(complaints(appends, stored, scans: [[stored[0], stored[2]], stored]) == ["ES8"])
    }

    @Test func `ES9 and ES15: a follower that lacks an event, was given one twice, or never reached the end`() {
        let (appends, stored) = sound
        for given in [[stored[0]] + stored[2...], stored + [stored[3]], Array(stored.dropLast())] {
            #expect(complaints(appends, stored, given: given) == ["ES9"])
        }
    }
}

import Testing

/// The protocol of `Migrations/0001_log.sql`, in every interleaving of its steps: ES4, ES6, ES7, ES8, ES9 and ES15 hold.
///
/// `BrokenProtocolTests` is the other side: whatever step is left out or moved, something breaks.
@Suite struct WatermarkProtocolTests {
    @Test func `writers on two streams and a follower`() async {
        await prove(
            Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 1)]]], readers: [.subscriber(reads: 3)]),
            atLeast: 5_000)
    }

    @Test func `writers on one stream and a follower`() async {
        await prove(
            Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 0)]]], readers: [.subscriber(reads: 3)]),
            atLeast: 1_000)
    }

    @Test func `two readers, one of which reads all again and again`() async {
        await prove(
            Scenario(
                sessions: [[[.append(to: 0)]], [[.append(to: 1)]]],
                readers: [.subscriber(reads: 1), .scanner(reads: 2)]),
            atLeast: 10_000)
    }

    @Test func `three writers on two streams`() async {
        let sessions: [Scenario.Session] = [[[.append(to: 0)]], [[.append(to: 1)]], [[.append(to: 1)]]]
        await prove(
            Scenario(sessions: sessions, readers: [.subscriber(reads: 1)], writersMayDie: false), atLeast: 10_000)
    }

    @Test func `a session that appends twice, beside one that expects a version`() async {
        await prove(
            Scenario(sessions: [[[.append(to: 0)], [.append(to: 0)]], [[.append(to: 0, expecting: 1)]]]), atLeast: 1_000
        )
    }

    @Test func `several events and several streams in one append`() async {
        await prove(Scenario(sessions: [[[.append(to: 0, 1)]], [[.append(to: 1, events: 2)]]]), atLeast: 5_000)
    }

    @Test func `one marker is enough for a transaction of several appends`() async {
        await prove(Scenario(sessions: [[[.append(to: 0), .append(to: 0)]], [[.append(to: 1)]]]), atLeast: 5_000)
    }

    @Test func `a marker goes with the savepoint it was taken in, and the next append takes another`() async {
        await prove(Scenario(sessions: [[[.undone(to: 0), .append(to: 0)]], [[.append(to: 1)]]]), atLeast: 5_000)
    }

    @Test func `a cursor that is an event's position survives a crash that takes the sequence back`() async {
        await prove(
            Scenario(
                sessions: [[[.append(to: 0)]], [[.append(to: 1)]]], readers: [.subscriber(reads: 2)], crashes: 1),
            atLeast: 5_000)
    }

    /// In the same database a watermark may be stored as it is, and only the crash makes the difference.
    @Test func `without a crash the watermark itself may be the cursor`() async {
        await prove(
            Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 1)]]]), readers: ReaderRules(cursor: .watermark),
            atLeast: 2_000)
    }

    /// A writer that reads L0, then waits for the processor, marks a place that readers have passed. It draws above them, so
    /// nothing is lost; but a watermark that is stored must only rise, and a scan can see less than the one before.
    @Test func `the watermark can fall back`() async {
        let scenario = Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 1)]]], readers: [.subscriber(reads: 1)])
        let states = await Exploration(WatermarkModel(scenario, readers: ReaderRules(cursor: .watermark))).states
        let fallsBack = states.contains { $0.readers[0].cursor > min($0.sequence, $0.lowestMarker ?? .max) }
        #expect(fallsBack)
    }

    @Test func `the empty log: a sequence that was never called counts as 0`() async {
        let sessions: [Scenario.Session] = [[[.append(to: 0)]], [[.append(to: 1)]]]
        await prove(Scenario(existing: [], sessions: sessions), atLeast: 2_000)
    }
}

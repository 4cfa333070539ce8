import Testing

/// New streams have no row to lock, so their positions are drawn before the row that orders them is there.
@Suite struct NewStreamTests {
    /// `append_one`, also behind a `begin_stream` that lost: begins again, now with a row to lock. ES7 holds.
    @Test func `a creator that lost starts again`() async {
        await prove(Scenario(existing: [], sessions: [[[.append(to: 0)]], [[.append(to: 0)]]]), atLeast: 1_000)
    }

    /// A new and an existing stream together: existing ones are locked first, whatever their names.
    @Test func `existing streams are locked before others are created`() async {
        let sessions: [Scenario.Session] = [[[.append(to: 0, 1)]], [[.append(to: 1)]]]
        await prove(
            Scenario(existing: [0], sessions: sessions, readers: [.subscriber(reads: 1)]),
            atLeast: 2_000)
    }

    /// `append_group`: what it finds created meanwhile is busy, and the rest goes on.
    @Test func `a group gives a stream up that it lost and appends the others`() async {
        let sessions: [Scenario.Session] = [[[.append(to: 0, 1)]], [[.append(to: 0, 1)]]]
        await prove(
            Scenario(existing: [], sessions: sessions), writers: WriterRules(creatorThatLost: .givesUp), atLeast: 10_000
        )
    }

    /// ES7: position 1 would be version 1 of a stream whose version 0 is at position 2.
    @Test func `a creator that lost and goes on with its positions breaks the order of the stream`() async {
        let story = await refute(
            Scenario(existing: [], sessions: [[[.append(to: 0)]], [[.append(to: 0)]]]),
            writers: WriterRules(creatorThatLost: .goesOn), breaking: "ES7")
        #expect(story.contains("goes on with its positions"))
    }

    /// Starting again with several streams means waiting for a row while holding what was created before, against the order.
    @Test func `a creator of several streams that starts again and keeps what it created can run into a deadlock`()
        async
    {
        let sessions: [Scenario.Session] = [[[.append(to: 0, 1)]], [[.append(to: 0, 1)]], [[.append(to: 1)]]]
        await refute(
            Scenario(existing: [], sessions: sessions, readers: [], writersMayDie: false), breaking: "deadlock")
    }
}

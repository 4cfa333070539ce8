import Testing

/// The watermark protocol with one thing changed. Each change must be found out: a counterexample is expected, and printed
/// as a story. A change that is found harmless would be a hole in the model, or a step that Skald could save.
@Suite struct BrokenProtocolTests {
    private let twoStreams = Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 1)]]])

    // Writers. ES9.

    @Test func `without a marker an event is lost`() async {
        let story = await refute(twoStreams, writers: .right.without(.takeMarker), breaking: "ES9")
        #expect(story.contains("there is none"))
    }

    @Test func `with the marker taken after the draw an event is lost`() async {
        await refute(twoStreams, writers: .right.moving(.takeMarker, behind: .draw), breaking: "ES9")
    }

    @Test func `with L0 read after the draw an event is lost`() async {
        let rules = WriterRules.steps(.find, .lock, .check, .draw, .readSequence, .takeMarker, .create, .insert)
        await refute(twoStreams, writers: rules, breaking: "ES9")
    }

    @Test func `with the marker given back at the end of the append, before the commit, an event is lost`() async {
        var rules = WriterRules.right
        rules.append.append(.releaseMarker)
        await refute(twoStreams, writers: rules, breaking: "ES9")
    }

    @Test func `with locks released before the transaction is visible an event is lost`() async {
        await refute(twoStreams, writers: WriterRules(commit: [.releaseLocks, .becomeVisible]), breaking: "ES9")
    }

    @Test(arguments: ["ES6", "ES9"])
    func `with a sequence that caches values an event is lost, and time runs backwards`(invariant: String) async {
        let sessions: [Scenario.Session] = [[[.append(to: 0)], [.append(to: 0)]], [[.append(to: 1)]]]
        await refute(Scenario(sessions: sessions), writers: WriterRules(sequenceCache: 2), breaking: invariant)
    }

    /// The marker then stands at the very position it should hold back. Only a cursor that is no event's position falls
    /// for it, and the watermark that is stored for standbys is one.
    @Test func `with an unused sequence read as 1 a stored watermark passes the log's first event`() async {
        let scenario = Scenario(existing: [], sessions: [[[.append(to: 0)]], [[.append(to: 1)]]])
        let rules = WriterRules(unusedSequenceReadsOne: true)
        await refute(scenario, writers: rules, readers: ReaderRules(cursor: .watermark), breaking: "ES9")
    }

    @Test func `with a marker that is remembered beyond the rollback of its savepoint an event is lost`() async {
        let sessions: [Scenario.Session] = [[[.undone(to: 0), .append(to: 0)]], [[.append(to: 1)]]]
        await refute(Scenario(sessions: sessions), writers: WriterRules(remembersMarkerOutside: true), breaking: "ES9")
    }

    // Writers. ES7, ES4, ES15.

    @Test func `with the stream locked after the draw the order of a stream breaks`() async {
        let rules = WriterRules.steps(.find, .readSequence, .takeMarker, .draw, .lock, .check, .create, .insert)
        await refute(Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 0)]]]), writers: rules, breaking: "ES7")
    }

    @Test func `without the stream lock a version comes twice`() async {
        await refute(
            Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 0)]]]), writers: .right.without(.lock),
            breaking: "ES4")
    }

    @Test func `with versions read before the lock a version comes twice`() async {
        await refute(
            Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 0)]]]), writers: .right.moving(.check, behind: .find),
            breaking: "ES4")
    }

    @Test func `with a marker that outlives its transaction readers stall for ever`() async {
        await refute(twoStreams, writers: WriterRules(markerOutlivesRollback: true), breaking: "ES15")
    }

    @Test func `with streams locked in any order writers wait for each other`() async {
        await refute(
            Scenario(sessions: [[[.append(to: 0, 1)]], [[.append(to: 1, 0)]]], readers: []),
            writers: WriterRules(locksByName: false), breaking: "deadlock")
    }

    // Readers. ES9.

    @Test func `with L read after F an event is lost`() async {
        await refute(twoStreams, readers: .steps(.readMarkers, .readSequence, .readRows, .moveCursor), breaking: "ES9")
    }

    @Test func `with watermark and rows in one snapshot an event is lost`() async {
        await refute(twoStreams, readers: .steps(.readRows, .readSequence, .readMarkers, .moveCursor), breaking: "ES9")
    }

    @Test func `with L read after the rows an event is lost`() async {
        await refute(twoStreams, readers: .steps(.readMarkers, .readRows, .readSequence, .moveCursor), breaking: "ES9")
    }

    @Test func `with the markers read after the rows an event is lost`() async {
        await refute(twoStreams, readers: .steps(.readSequence, .readRows, .readMarkers, .moveCursor), breaking: "ES9")
    }

    @Test func `without L an event is lost`() async {
        await refute(twoStreams, readers: .steps(.readMarkers, .readRows, .moveCursor), breaking: "ES9")
    }

    @Test func `without F an event is lost`() async {
        await refute(twoStreams, readers: .steps(.readSequence, .readRows, .moveCursor), breaking: "ES9")
    }

    @Test func `with a watermark that is one too high a stored watermark passes an event`() async {
        await refute(twoStreams, readers: ReaderRules(cursor: .watermark, beyond: 1), breaking: "ES9")
    }

    @Test func `with a watermark that is two too high an event is lost`() async {
        await refute(twoStreams, readers: ReaderRules(beyond: 2), breaking: "ES9")
    }

    @Test func `with the bare watermark kept outside the database a crash loses an event`() async {
        let story = await refute(
            Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 1)]]], crashes: 1),
            readers: ReaderRules(cursor: .watermark), breaking: "ES9")
        #expect(story.contains("crashes"))
    }

    /// ES8, seen by a reader without a cursor.
    @Test func `without a marker two scans disagree`() async {
        await refute(
            Scenario(sessions: [[[.append(to: 0)]], [[.append(to: 1)]]], readers: [.scanner(reads: 2)]),
            writers: .right.without(.takeMarker), breaking: "ES8")
    }
}

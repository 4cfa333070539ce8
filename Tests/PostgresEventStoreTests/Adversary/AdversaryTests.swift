import EmbeddedPostgres
import SkaldTesting
import Testing

/// The log on real PostgreSQL under hostile load: slow commits, rollbacks, savepoints, races for new streams and versions,
/// backends that are killed and stopped in the middle of anything. ES1 to ES10 and ES15.
///
/// The model beside this proves the protocol; here the SQL, PostgreSQL and the client are put to the test. On a server of its
/// own: backends are stopped, and others should not wait for them.
@Suite(.serialized) struct AdversaryTests {
    @Test func `the log as released keeps every promise`() async throws {
        try await attack(.skald, for: .seconds(5)) { record in
            #expect(Verdict(record: record).complaints.isEmpty)
            #expect(record.lost == nil)
            expectHostility(record)
        }
    }

    /// The control: the same pauses as in the broken logs below, and nothing is lost.
    @Test func `the log with every window held open keeps every promise`() async throws {
        try await attack(BrokenLog.sound.template(), for: .seconds(3)) { record in
            #expect(Verdict(record: record).complaints.isEmpty)
            #expect(record.lost == nil)
        }
    }

    /// Few writers: where many are, one of them always holds a marker, and hides the others' mistakes.
    @Test(arguments: BrokenLog.allCases.filter { $0 != .sound })
    func `a log with a step left out or moved loses events`(log: BrokenLog) async throws {
        try await attack(log.template(), by: 6, for: .seconds(20)) { record in
            #expect(record.lost != nil, "no event was lost in \(record.stored.count)")
        }
    }

    private func attack(
        _ template: TestTemplate, by writers: Int = 40, for duration: Duration, _ judge: (Attack.Record) throws -> Void
    ) async throws {
        let server = try await EmbeddedPostgres.shared()
        try await withTestDatabase(template, on: server) { database in
            let record = try await Attack(database: database, writers: writers).run(for: duration)
            try judge(record)
            if record.lost == nil { try await expectSoundLog(database) }
        }
    }

    /// An attack in which nothing happens proves nothing.
    private func expectHostility(_ record: Attack.Record) {
        let done = record.appends.filter { if case .done = $0.outcome { true } else { false } }.count
        let failed = record.appends.filter { $0.outcome == .failed }.count
        let unknown = record.appends.filter { $0.outcome == .unknown }.count
        #expect(done > 200 && failed > 100 && record.scans.count > 5)
        print(
            "attack: \(done) done, \(failed) failed, \(unknown) unknown, \(record.stored.count) events, \(record.scans.count) scans"
        )
    }
}

import SkaldTesting
import Testing

/// The log on real PostgreSQL under hostile load: slow commits, rollbacks, savepoints, races for new streams and versions,
/// backends that are killed and stopped in the middle of anything. ES1 to ES10 and ES15.
///
/// The model beside this proves the protocol; here the SQL, PostgreSQL and the client are put to the test.
@Suite(.serialized) struct AdversaryTests {
    @Test func `the log as released keeps every promise`() async throws {
        try await withTestDatabase(.skald) { database in
            let record = try await Attack(database: database).run(for: .seconds(4))
            #expect(Verdict(record: record).complaints.isEmpty)
            #expect(record.lost == nil)
            expectHostility(record)
        }
    }

    /// So the attack can fail; `GatedMistakeTests` has every mistake.
    @Test func `a log without markers loses events under attack`() async throws {
        let record = try await withTestDatabase(BrokenLog.noMarker.template()) { database in
            try await Attack(database: database).run(for: .seconds(20))
        }
        #expect(record.lost != nil, "no event was lost in \(record.stored.count)")
    }

    /// ES4, ES5 and ES7 rest on the stream's row.
    @Test func `a log without the stream lock gives versions twice`() async throws {
        let record = try await withTestDatabase(
            BrokenLog.noStreamLock.template(), log: .unsound("versions are given twice")
        ) { database in
            try await Attack(database: database).run(for: .seconds(2))
        }
        let complaints = Verdict(record: record).complaints
        for invariant in ["ES5", "ES7"] { #expect(complaints.contains { $0.hasPrefix(invariant) }) }
    }

    /// An attack in which nothing happens proves nothing.
    private func expectHostility(_ record: Attack.Record) {
        let done = record.appends.filter { if case .done = $0.outcome { true } else { false } }.count
        let failed = record.appends.filter { $0.outcome == .failed }.count
        let unknown = record.appends.filter { $0.outcome == .unknown }.count
        #expect(done > 50 && failed > 20 && record.scans.count > 5)  // a loaded machine does a fifth of an idle one
        print(
            "attack: \(done) done, \(failed) failed, \(unknown) unknown, \(record.stored.count) events, \(record.scans.count) scans"
        )
    }
}

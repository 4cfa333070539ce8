import Foundation
import PostgresEventStore
import Sagas
import SkaldTesting
import Testing

@testable import SagaProgram

/// A database on which several processes run errands, and what happened there.
struct Street: Sendable {
    let world: World
    private let folder: URL

    static func with(_ body: (Street) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "skald-street-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await World.with { world in
            try await world.database.psql(
                """
                create table calls (number bigint generated always as identity, key text, step text, attempt bigint, process text);
                create table effects (key text primary key);
                grant select, insert on calls, effects to skald_writer;
                """)
            try await body(Street(world: world, folder: folder))
        }
    }

    /// Starts a process. The calls that are held go on when its gate is opened.
    func process(_ name: String, isOpen: Bool) throws -> ChildProgram {
        if isOpen { try open(name) }
        return try ChildProgram(
            "SagaProgram", [name, gate(name)],
            environment: ["DATABASE_URL": world.database.connectionString(.writer)])
    }

    func open(_ name: String) throws {
        try Data().write(to: URL(filePath: gate(name)))
    }

    private func gate(_ name: String) -> String { folder.appending(path: name).path }

    func start(_ numbers: Range<Int>) async throws {
        for number in numbers {
            try await world.sagas.start(Errand.self, id: SagaID(rawValue: "\(number)"), with: .init())
        }
    }

    func held(by process: String) async throws -> Int {
        try await number("select count(*) from calls where step = 'held' and process = '\(process)'")
    }

    func owners() async throws -> Int {
        try await number("select count(distinct owner) from skald.lease_status where remaining > '0'")
    }

    func allComplete(_ count: Int) async throws {
        try await eventually("all complete") {
            try await number("select count(*) from skald.sagas where status = 'completed'") == count
        }
    }

    /// All that is written about the sagas that have ended.
    func histories() async throws -> String {
        try await world.database.psql(
            "select stream, version, type, data from skald.events where stream like '$saga:errand-%' order by 1, 2")
    }

    /// Every step of every errand has had its effect, and its success, once; no attempt was called twice; and what was
    /// taken over was called by another process as the next attempt.
    func expectEachOnce(_ count: Int, takenOver: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await number("select count(*) from effects") == count * 3, sourceLocation: sourceLocation)
        let successes = try await number(
            "select count(*) from skald.events where stream like '$saga:errand-%' and type = '$saga.stepSucceeded'")
        #expect(successes == count * 3, sourceLocation: sourceLocation)
        let twice = try await world.database.psql(
            "select key, attempt, count(*) from calls group by key, attempt having count(*) > 1")
        #expect(twice.isEmpty, "X1: an attempt was called twice", sourceLocation: sourceLocation)
        let again = try await number(
            "select count(*) from calls where step = 'held' and process = 'second' and attempt = 2")
        #expect(again == takenOver, sourceLocation: sourceLocation)
        for index in 0..<count {
            _ = try await world.history(
                of: SagaID(rawValue: "\(index)"), Errand.name, sourceLocation: sourceLocation)
        }
    }

    private func number(_ query: String) async throws -> Int {
        Int(try await world.database.psql("select (\(query))")) ?? -1
    }
}

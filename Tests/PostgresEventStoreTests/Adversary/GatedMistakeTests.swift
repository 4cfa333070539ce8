import Postgres
import SkaldTesting
import Testing

/// The stories that the model tells of each mistake (`BrokenProtocolTests`), played on real PostgreSQL: sessions are held at
/// gates inside the functions, so each ends the same every time. On the sound log the same stories lose nothing (ES9).
@Suite struct GatedMistakeTests {
    private static let writerMistakes: [BrokenLog] = [.sound, .noMarker, .markerAfterTheDraw]

    @Test(arguments: writerMistakes, Stage.Way.allCases)
    func `a writer is held behind its draw while another commits above it, and a reader comes by`(
        log: BrokenLog, way: Stage.Way
    ) async throws {
        try await play(log, way, shut: [.afterTheDraw]) { stage, keeper in
            async let held: Void = stage.append("held", gated: true)
            try await keeper.waitForSomebody(at: .afterTheDraw)
            try await stage.append("other")
            let given = try await stage.read()
            try await keeper.open(.afterTheDraw)
            try await held
            return given
        }
    }

    @Test(arguments: [BrokenLog.sound, .lastValueAfterTheDraw], Stage.Way.allCases)
    func `another commits between a writer's draw and its marker, and a reader comes by`(
        log: BrokenLog, way: Stage.Way
    ) async throws {
        try await play(log, way, shut: [.afterTheDraw, .beforeTheInsert]) { stage, keeper in
            async let held: Void = stage.append("held", gated: true)
            try await keeper.waitForSomebody(at: .afterTheDraw)
            try await stage.append("other")
            try await keeper.open(.afterTheDraw)
            try await keeper.waitForSomebody(at: .beforeTheInsert)
            let given = try await stage.read()
            try await keeper.open(.beforeTheInsert)
            try await held
            return given
        }
    }

    @Test(arguments: [BrokenLog.sound, .markersBeforeTheLastValue], Stage.Way.allCases)
    func `writers come while a reader is between L and F`(
        log: BrokenLog, way: Stage.Way
    ) async throws {
        try await play(log, way, shut: [.insideTheWatermark, .beforeTheInsert]) { stage, keeper in
            async let given = stage.read(gated: true)
            try await keeper.waitForSomebody(at: .insideTheWatermark)
            async let held: Void = stage.append("held", gated: true)
            try await keeper.waitForSomebody(at: .beforeTheInsert)
            try await stage.append("other")
            try await keeper.open(.insideTheWatermark)
            let positions = try await given
            try await keeper.open(.beforeTheInsert)
            try await held
            return positions
        }
    }

    @Test(arguments: [BrokenLog.sound, .oneSnapshot], Stage.Way.allCases)
    func `a writer commits after a reader's statement has begun`(
        log: BrokenLog, way: Stage.Way
    ) async throws {
        try await play(log, way, shut: [.beforeTheWatermark, .beforeTheInsert]) { stage, keeper in
            async let held: Void = stage.append("held", gated: true)
            try await keeper.waitForSomebody(at: .beforeTheInsert)
            try await stage.append("other")
            async let given = stage.read(gated: true)
            try await keeper.waitForSomebody(at: .beforeTheWatermark)
            try await keeper.open(.beforeTheInsert)
            try await held
            try await keeper.open(.beforeTheWatermark)
            return try await given
        }
    }

    /// Plays a story that ends with what the reader was given, and looks what it has lost below its cursor.
    private func play(
        _ log: BrokenLog, _ way: Stage.Way, shut gates: [BrokenLog.Gate],
        sourceLocation: SourceLocation = #_sourceLocation,
        _ story: (Stage, GateKeeper) async throws -> [Int64]
    ) async throws {
        try await withTestDatabase(log.template()) { database in
            var gated = PostgresClient.Configuration(connectionString: database.connectionString(.writer))
            gated.applicationName = "gated"
            gated.sharedConnections = 2
            try await PostgresClient.with(gated, logger: .silent) { gated in
                try await database.withClient { writer in
                    let stage = Stage(gated: gated, free: writer, way: way)
                    // The very first append writes the log's generation, and others wait for its commit.
                    try await stage.append("first")
                    let given = try await writer.withConnection { connection in
                        let keeper = GateKeeper(connection: connection)
                        for gate in gates { try await keeper.shut(gate) }
                        return try await story(stage, keeper)
                    }
                    let stored = try await database.psql("select position from skald.events order by position")
                    let positions = stored.split(separator: "\n").compactMap { Int64($0) }
                    #expect(positions == Array(1...3 * way.events), sourceLocation: sourceLocation)
                    let lost = positions.filter { $0 <= given.last ?? 0 && !given.contains($0) }
                    let held = Array(way.events + 1...2 * way.events)
                    #expect(lost == (log == .sound ? [] : held), sourceLocation: sourceLocation)
                }
            }
        }
    }
}

import Postgres

/// A writer that does everything a writer may do to a log, at random, until it is told to stop.
struct HostileWriter {
    let client: PostgresClient
    let journal: Journal

    private enum Manner: CaseIterable {
        /// A statement of its own, sometimes sent twice (ES10).
        case plain
        /// With the version that it believes in: most lose (ES5).
        case competing
        /// A commit long after the draw.
        case slow
        /// Several appends, to several streams, in one transaction.
        case several
        /// Several appends, to several streams, in one call of `append_group`, as stores send them.
        case grouped
        case rolledBack
        /// One append in a savepoint that is rolled back, another after it.
        case savepoint
        /// Its session ends itself in the middle.
        case killed
    }

    private struct GivenUp: Error {}

    func run() async {
        while !journal.isOver {
            switch Manner.allCases.randomElement() ?? .plain {
            case .plain: await plain(AttackedAppend(to: anyStream()))
            case .competing: await competing()
            case .slow: await transaction([AttackedAppend(to: anyStream())], after: "select pg_sleep(random() * 0.03)")
            case .several: await transaction((0..<3).map { _ in AttackedAppend(to: anyStream()) })
            case .grouped: await grouped()
            case .rolledBack: await transaction([AttackedAppend(to: anyStream())], fails: true)
            case .savepoint: await savepoint()
            case .killed:
                await transaction(
                    [AttackedAppend(to: anyStream())], after: "select pg_terminate_backend(pg_backend_pid())",
                    fails: true)
            }
        }
    }

    /// Some that all writers share, and some that several try to create at the same time.
    private func anyStream() -> String {
        Bool.random() ? "shared-\(Int.random(in: 0..<30))" : "new-\(journal.count / 10)"
    }

    private func plain(_ attempt: AttackedAppend) async {
        var append = attempt
        do throws(PostgresError) {
            let result = try AttackedAppend.Result(try await client.query(append.sql)[0])
            append.end(.done(result))
            if Int.random(in: 0..<4) == 0, let row = try? await client.query(append.sql)[0] {
                append.repetition = try AttackedAppend.Result(row)
            }
        } catch  where error.outcome == .unknown {
            append.end(.unknown)
        } catch {
            append.end(.failed)
        }
        journal.add([append])
    }

    private func competing() async {
        let stream = "race-\(Int.random(in: 0..<3))"
        let version = try? await client.query("select version from skald.stream_list where name = \(stream)").first
        let expected = (try? version?.decode("version", as: Int64.self)) ?? -1
        await plain(AttackedAppend(to: stream, expecting: expected))
    }

    /// Each succeeds or fails alone: 0 is appended; conflict and busy leave nothing.
    private func grouped() async {
        let streams = Set((0..<6).map { _ in anyStream() }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var appends = streams.map { AttackedAppend(to: $0, expecting: Int.random(in: 0..<4) == 0 ? -1 : -2) }
        do throws(PostgresError) {
            let rows = try await client.query(AttackedAppend.group(appends))
            for index in appends.indices {
                let isDone: Int16 = try rows[index].decode("status")
                appends[index].end(isDone == 0 ? .done(try AttackedAppend.Result(rows[index])) : .failed)
            }
        } catch {
            for index in appends.indices { appends[index].end(error.outcome == .unknown ? .unknown : .failed) }
        }
        journal.add(appends)
    }

    private func transaction(_ attempts: [AttackedAppend], after last: SQL? = nil, fails: Bool = false) async {
        var appends = attempts
        do {
            let results = try await client.withTransaction { tx in
                var results: [AttackedAppend.Result] = []
                for append in attempts { results.append(try AttackedAppend.Result(try await tx.query(append.sql)[0])) }
                if let last { try await tx.query(last) }
                if fails { throw GivenUp() }
                return results
            }
            for (index, result) in results.enumerated() { appends[index].end(.done(result)) }
        } catch {
            let isUnknown = (error as? PostgresError)?.outcome == .unknown
            for index in appends.indices { appends[index].end(isUnknown ? .unknown : .failed) }
        }
        journal.add(appends)
    }

    private func savepoint() async {
        let undone = AttackedAppend(to: anyStream())
        let kept = AttackedAppend(to: anyStream())
        var appends = [undone, kept]
        do {
            let result = try await client.withTransaction { tx in
                try await tx.execute("savepoint before")
                try await tx.query(undone.sql)
                try await tx.execute("rollback to savepoint before")
                let row = try await tx.query(kept.sql)[0]
                try await tx.query("select pg_sleep(random() * 0.01)")
                return try AttackedAppend.Result(row)
            }
            appends[0].end(.failed)
            appends[1].end(.done(result))
        } catch {
            let isUnknown = (error as? PostgresError)?.outcome == .unknown
            for index in appends.indices { appends[index].end(index == 1 && isUnknown ? .unknown : .failed) }
        }
        journal.add(appends)
    }
}

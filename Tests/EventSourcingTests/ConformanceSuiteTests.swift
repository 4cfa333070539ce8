import EventSourcing
import SkaldTesting
import Testing

/// The suite itself: a store that breaks a promise is found out by the check that names it.
@Suite(.timeLimit(.minutes(2))) struct ConformanceSuiteTests {
    struct Sabotage: Sendable, CustomTestStringConvertible {
        let what: String
        let promise: String
        let store: @Sendable () -> HookedStore
        var testDescription: String { what }

        init(_ what: String, foundBy promise: String, _ change: @escaping @Sendable (inout HookedStore) -> Void) {
            self.what = what
            self.promise = promise
            store = {
                var store = HookedStore()
                change(&store)
                return store
            }
        }
    }

    @Test(arguments: all)
    func `a broken store is found out`(_ sabotage: Sabotage) async throws {
        let promises = EventStoreConformance.allCases.filter { $0.promise.hasPrefix(sabotage.promise) }
        try #require(promises.count == 1, "\(sabotage.promise)")
        await withKnownIssue("\(sabotage.what)") {
            try await promises[0].check(sabotage.store(), patience: .milliseconds(500))
        }
    }

    @Test func `every promise has a sentence of its own`() {
        #expect(Set(EventStoreConformance.allCases.map(\.promise)).count == EventStoreConformance.allCases.count)
    }

    static let all: [Sabotage] = appending + replaying + reading + following

    private static let appending: [Sabotage] = [
        Sabotage("ignores expectations", foundBy: "each kind of expectation") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                try await base.append(appends.map { StreamAppend($0.events, to: $0.stream, expecting: .any) }, id: id)
            }
        },
        Sabotage("forgets the actual version", foundBy: "a stale expectation") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                do throws(EventStoreError) {
                    return try await base.append(appends, id: id)
                } catch  where error.code == .versionConflict {
                    throw .versionConflict(
                        error.conflicts.map { VersionConflict(stream: $0.stream, expected: $0.expected, actual: nil) })
                }
            }
        },
        Sabotage("tears an append of several streams", foundBy: "one conflict among several") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                var results: [AppendResult] = []
                for append in appends { results += try await base.append([append], id: id) }
                return results
            }
        },
        Sabotage("checks, then acts", foundBy: "of many writers who expect the same version") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                let (stream, expected) = (appends[0].stream, appends[0].expected)
                let last = try await base.readPage(of: stream, from: nil, .backwards, limit: 1).events.first?.version
                await Task.yield()
                guard expected.isMet(by: last) else {
                    throw .versionConflict([VersionConflict(stream: stream, expected: expected, actual: last)])
                }
                return try await base.append([StreamAppend(appends[0].events, to: stream, expecting: .any)], id: id)
            }
        },
        Sabotage("acknowledges what it did not do", foundBy: "what was appended is what is read") {
            $0.append = { (_, appends, _) async throws(EventStoreError) in
                appends.map {
                    AppendResult(
                        stream: $0.stream, firstVersion: 0, lastVersion: 0, lastPosition: 1, wasReplayed: false)
                }
            }
        },
        Sabotage("appends one event after the other", foundBy: "writers without an expectation all get in") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                var results: [AppendResult] = []
                for event in appends[0].events {
                    results.append(try await base.append([event], to: appends[0].stream, expecting: .any))
                    await Task.yield()
                }
                return [
                    AppendResult(
                        stream: appends[0].stream, firstVersion: results[0].firstVersion,
                        lastVersion: results[results.count - 1].lastVersion, lastPosition: results[0].lastPosition,
                        wasReplayed: false)
                ]
            }
        },
        Sabotage("says of a cancelled append that it was done", foundBy: "a cancelled append") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                do throws(EventStoreError) {
                    return try await base.append(appends, id: id)
                } catch  where error.code == .cancelled {
                    return [
                        AppendResult(
                            stream: appends[0].stream, firstVersion: 0, lastVersion: 2, lastPosition: 3,
                            wasReplayed: false)
                    ]
                }
            }
        },
        Sabotage("takes appends to the framework's streams", foundBy: "what breaks a limit of appending") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                guard appends.first?.stream.isReserved != true else { return [] }
                return try await base.append(appends, id: id)
            }
        },
    ]

    private static let replaying: [Sabotage] = [
        Sabotage("forgets append ids", foundBy: "the same append id appends once") {
            $0.append = { (base, appends, _) async throws(EventStoreError) in try await base.append(appends, id: nil) }
        },
        Sabotage("forgets append ids of any version", foundBy: "an append of any version is replayed") {
            $0.append = { (base, appends, _) async throws(EventStoreError) in try await base.append(appends, id: nil) }
        },
        Sabotage("does not compare the content", foundBy: "the same append id with other content") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                do throws(EventStoreError) {
                    return try await base.append(appends, id: id)
                } catch  where error.code == .appendIDReused {
                    return []
                }
            }
        },
        Sabotage("compares metadata", foundBy: "metadata and the layout of the JSON") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                if let id, appends[0].events[0].metadataJSON.count > 2 {
                    throw .appendIDReused(id, stream: appends[0].stream)
                }
                return try await base.append(appends, id: id)
            }
        },
        Sabotage("looks up the id too early", foundBy: "one append id sent by many at once") {
            let done = Notes<[AppendResult]>()
            $0.append = { (base, appends, _) async throws(EventStoreError) in
                if let results = done.all.first { return results }
                await Task.yield()
                let results = try await base.append(
                    appends.map { StreamAppend($0.events, to: $0.stream, expecting: .any) }, id: nil)
                done.add(results)
                return results
            }
        },
    ]

    private static let reading: [Sabotage] = [
        Sabotage("begins after the version it was asked for", foundBy: "a stream is read forwards and backwards") {
            $0.streamQuery = { from, direction, limit in (from?.next, direction, limit) }
        },
        Sabotage("reads forwards only", foundBy: "a stream is read forwards and backwards") {
            $0.streamQuery = { from, _, limit in (from, .forwards, limit) }
        },
        Sabotage("ends a page too early", foundBy: "reading page by page") {
            $0.streamPage = { StreamPage(events: $0.events, isLast: true) }
        },
        Sabotage("loses tags", foundBy: "what was appended is what is read") {
            $0.streamPage = { page in StreamPage(events: page.events.map { copy($0, tags: []) }, isLast: page.isLast) }
        },
        Sabotage("rounds numbers", foundBy: "values at the limits of JSON") {
            $0.streamPage = { page in
                let events = page.events.map { event in
                    String(decoding: event.data, as: UTF8.self) == "9007199254740993"
                        ? copy(event, data: Array("9007199254740992".utf8)) : event
                }
                return StreamPage(events: events, isLast: page.isLast)
            }
        },
        Sabotage("takes pages of any size", foundBy: "a page of a size that is out of bounds") {
            $0.streamQuery = { from, direction, limit in (from, direction, min(max(limit, 1), 10)) }
        },
        Sabotage("forgets generations", foundBy: "a cursor of another life") {
            $0.logQuery = { cursor, limit in cursor.generation == .first ? (cursor, limit) : (.start, limit) }
        },
        Sabotage("gives another log each time", foundBy: "two readings of the log agree") {
            $0.logPage = { page in
                let events = page.events.count > 4 ? page.events.map { copy($0, id: EventID()) } : page.events
                return LogPage(events: events, cursor: page.cursor, isLast: page.isLast)
            }
        },
        Sabotage("gives pages in the wrong order", foundBy: "the log is every stream's events") {
            $0.logPage = { LogPage(events: $0.events.reversed(), cursor: $0.cursor, isLast: $0.isLast) }
        },
    ]

    private static let following: [Sabotage] = [
        Sabotage("loses events", foundBy: "a follower gets every event once") {
            $0.logPage = { page in
                let events = page.events.filter { $0.position.rawValue % 50 != 0 }
                return LogPage(events: events, cursor: page.cursor, isLast: page.isLast)
            }
        },
        Sabotage("gives events twice", foundBy: "following goes on from the cursor") {
            $0.logQuery = { cursor, limit in
                (LogCursor(generation: cursor.generation, position: .init(max(0, cursor.position.rawValue - 1))), limit)
            }
        },
        Sabotage("does not wake anybody", foundBy: "a wait that began before an append") {
            $0.wait = { (_, _) async throws(EventStoreError) in try await sleepForEver() }
        },
        Sabotage("does not wake a follower", foundBy: "a follower that has caught up") {
            $0.wait = { (_, _) async throws(EventStoreError) in try await sleepForEver() }
        },
        Sabotage("takes cancelling for a failure", foundBy: "a follower ends when its task is cancelled") {
            $0.wait = { (_, _) async throws(EventStoreError) in
                do throws(EventStoreError) {
                    try await sleepForEver()
                } catch {
                    throw EventStoreError(.unavailable, "cancelled")
                }
            }
        },
    ]

    private static func sleepForEver() async throws(EventStoreError) {
        do {
            try await TestClock().sleep(for: .seconds(1))
        } catch {
            throw .cancelled
        }
    }

    private static func copy(
        _ event: RecordedEvent, data: [UInt8]? = nil, tags: [String]? = nil, id: EventID? = nil
    ) -> RecordedEvent {
        RecordedEvent(
            position: event.position, stream: event.stream, version: event.version, type: event.type,
            data: data ?? event.data, metadataJSON: event.metadataJSON, tags: tags ?? event.tags, id: id ?? event.id,
            recordedAt: event.recordedAt)
    }
}

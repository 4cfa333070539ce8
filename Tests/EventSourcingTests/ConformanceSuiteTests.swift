import EventSourcing
import Foundation
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

    @Test func `every promise has a store that breaks it`() {
        let unbroken = EventStoreConformance.allCases.map(\.promise).filter { promise in
            !Self.all.contains { promise.hasPrefix($0.promise) }
        }
        #expect(unbroken.isEmpty)
    }

    static let all: [Sabotage] = appending + replaying + reading + following + naming + ordering

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
        Sabotage("takes less than every store has to", foundBy: "1 MiB of data is taken") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                guard appends.allSatisfy({ $0.events.allSatisfy { $0.data.count < 1_000_000 } }) else {
                    throw .invalidArgument("data", "it has more than one million bytes")
                }
                return try await base.append(appends, id: id)
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
        Sabotage("replays one stream of several", foundBy: "an append to several streams is replayed") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                try await base.append(appends, id: id).enumerated().map { index, result in
                    AppendResult(
                        stream: result.stream, firstVersion: result.firstVersion, lastVersion: result.lastVersion,
                        lastPosition: result.lastPosition, wasReplayed: index == 0 && result.wasReplayed)
                }
            }
        },
        Sabotage("keeps the ids of refused appends", foundBy: "an append id whose append was refused") {
            let refused = Notes<AppendID>()
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                if let id, refused.all.contains(id) { throw .appendIDReused(id, stream: appends[0].stream) }
                do throws(EventStoreError) {
                    return try await base.append(appends, id: id)
                } catch {
                    if let id { refused.add(id) }
                    throw error
                }
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

    /// Appends to other streams than it was asked to.
    private static func renaming(
        _ rename: @escaping @Sendable (String) -> String
    ) -> @Sendable (inout HookedStore) -> Void {
        { store in
            store.append = { (base, appends, id) async throws(EventStoreError) in
                var renamed: [StreamAppend] = []
                for append in appends {
                    let stream = try StreamID(validating: rename(append.stream.name))
                    renamed.append(StreamAppend(append.events, to: stream, expecting: append.expected))
                }
                return try await base.append(renamed, id: id)
            }
        }
    }

    private static let naming: [Sabotage] = [
        Sabotage(
            "takes letters that look alike for the same", foundBy: "names that differ only in bytes",
            renaming { $0.precomposedStringWithCanonicalMapping }),
        Sabotage("cuts long names off", foundBy: "a name of 250 bytes", renaming { String($0.prefix(200)) }),
        Sabotage(
            "takes a name for another that begins alike", foundBy: "streams whose names begin alike",
            renaming { $0.last == "0" ? String($0.dropLast()) : $0 }),
        Sabotage("gives all events of an append one id", foundBy: "an event without an id gets one") {
            $0.streamPage = { page in
                StreamPage(events: page.events.map { copy($0, id: page.events[0].id) }, isLast: page.isLast)
            }
        },
        Sabotage("promises more of a stream that is not there", foundBy: "a stream that does not exist is empty") {
            $0.streamPage = { StreamPage(events: $0.events, isLast: $0.isLast && !$0.events.isEmpty) }
        },
    ]

    private static let ordering: [Sabotage] = [
        Sabotage("leaves a version out", foundBy: "the events of one append get adjacent versions") {
            $0.streamPage = { page in
                let events = page.events.map { event in
                    event.version < 10 ? event : copy(event, version: StreamVersion(event.version.rawValue + 1))
                }
                return StreamPage(events: events, isLast: page.isLast)
            }
        },
        Sabotage("answers in an order of its own", foundBy: "an append to several streams gives each its result") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                try await base.append(appends, id: id).sorted { $0.stream < $1.stream }
            }
        },
        Sabotage("waits for ever where two appends cross", foundBy: "appends to several streams that cross") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                if let first = appends.first, let last = appends.last, last.stream < first.stream {
                    try await sleepForEver()
                }
                return try await base.append(appends, id: id)
            }
        },
        Sabotage("decides on what is out of date", foundBy: "commands that race for one stream") {
            $0.streamPage = { StreamPage(events: Array($0.events.dropLast()), isLast: $0.isLast) }
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                try await base.append(appends.map { StreamAppend($0.events, to: $0.stream, expecting: .any) }, id: id)
            }
        },
        Sabotage("makes several appends of a large one", foundBy: "an append of 10,000 events") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                let (half, events) = (appends[0].events.count / 2, appends[0].events)
                _ = try await base.append([StreamAppend(Array(events[..<half]), to: appends[0].stream, expecting: .any)]
                )
                let rest = StreamAppend(Array(events[half...]), to: appends[0].stream, expecting: .any)
                return try await base.append([rest], id: id)
            }
        },
        Sabotage("gives positions that fall", foundBy: "an append that was acknowledged before another") {
            $0.append = { (base, appends, id) async throws(EventStoreError) in
                try await base.append(appends, id: id).map {
                    AppendResult(
                        stream: $0.stream, firstVersion: $0.firstVersion, lastVersion: $0.lastVersion,
                        lastPosition: GlobalPosition(1_000_000 - $0.lastPosition.rawValue), wasReplayed: false)
                }
            }
        },
        Sabotage("takes a full page for the last", foundBy: "a page of the log begins after its cursor") {
            $0.logPage = { LogPage(events: $0.events, cursor: $0.cursor, isLast: $0.isLast || $0.events.count == 1) }
        },
        Sabotage("sends the reader of an empty page back", foundBy: "an empty page keeps the reader") {
            $0.logPage = { page in
                LogPage(events: page.events, cursor: page.events.isEmpty ? .start : page.cursor, isLast: page.isLast)
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
        _ event: RecordedEvent, version: StreamVersion? = nil, data: [UInt8]? = nil, tags: [String]? = nil,
        id: EventID? = nil
    ) -> RecordedEvent {
        RecordedEvent(
            position: event.position, stream: event.stream, version: version ?? event.version, type: event.type,
            data: data ?? event.data, metadataJSON: event.metadataJSON, tags: tags ?? event.tags, id: id ?? event.id,
            recordedAt: event.recordedAt)
    }
}

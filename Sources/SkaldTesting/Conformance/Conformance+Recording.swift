import EventSourcing
import Foundation
import Testing

extension EventStoreConformance {
    static let recording = [
        EventStoreConformance("what was appended is what is read [ES1]") { trial in
            let (stream, id) = (try trial.stream("as-it-was"), EventID())
            let metadata = Metadata(
                correlationID: "c-1", causationID: "c-0", actor: "somebody", traceparent: "00-ab-cd-01",
                values: ["tries": 3, "nested": ["deep": [true, nil]]])
            let event = try NewEvent(
                type: "conformance.rich", json: #"{"text":"ü/\"\\\n😀","list":[1,-2.5,1e3,true,false,null,{}]}"#,
                metadata: metadata, tags: ["seat:A1", "trip:ü"], id: id)
            let before = Date()
            let result = try await trial.store.append([event], to: stream, expecting: .noStream)
            let read = try #require(
                try await trial.store.readPage(of: stream, from: 0, .forwards, limit: 1).events.first)
            #expect(read.stream == stream && read.version == 0 && read.position == result.lastPosition)
            #expect(read.type == "conformance.rich")
            #expect(try json(read.data) == json(event.data), "equal as JSON")
            #expect(try read.metadata == metadata)
            #expect(read.tags == ["seat:A1", "trip:ü"], "tags keep their order")
            #expect(read.id == id)
            // Another machine's clock may differ; a day is a bug.
            #expect(abs(read.recordedAt.timeIntervalSince(before)) < 86_400)
        },
        EventStoreConformance("an event without an id gets one, and no two are the same") { trial in
            let stream = try trial.stream("ids")
            try await trial.store.append(trial.events(0..<100), to: stream, expecting: .noStream)
            var ids: Set<EventID> = []
            for try await event in trial.store.read(stream) {
                ids.insert(event.id)
                // The version of a UUID is the first half of its seventh byte.
                #expect(event.id.rawValue.uuid.6 >> 4 == 7, "made ids are UUIDs of version 7")
            }
            #expect(ids.count == 100)
        },
        EventStoreConformance("values at the limits of JSON come back as they were [ES1, ES11]") { trial in
            let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
            let texts = [
                deep, "null", "\"\"", "[]", "-0.000001", "123456789012345678901234567890.5", "9007199254740993",
                "\"\\u0001\\u001f\u{7f}\u{10FFFF}\"", "{\"\":1,\" \":2,\"Ä\":3}",
                "\"" + String(repeating: "x", count: EventLimits.dataBytes - 2) + "\"",
            ]
            let stream = try trial.stream("json")
            let events = try texts.map { try NewEvent(type: "conformance.json", json: $0) }
            try await trial.store.append(events, to: stream, expecting: .noStream)
            var index = 0
            for try await event in trial.store.read(stream) {
                #expect(try json(event.data) == json(events[index].data), "\(texts[index].prefix(80))")
                index += 1
            }
            #expect(index == texts.count)
        },
        EventStoreConformance("names that differ only in bytes are different streams") { trial in
            // The same letter in two Unicode normalisations, upper case, and a space.
            let streams = try ["\u{e9}", "e\u{301}", "\u{c9}", "\u{e9} "].map { try trial.stream($0) }
            for (index, stream) in streams.enumerated() {
                try await trial.store.append([trial.event(index)], to: stream, expecting: .noStream)
            }
            for (index, stream) in streams.enumerated() { #expect(try await trial.numbers(in: stream) == [index]) }
        },
        EventStoreConformance("a name of 250 bytes with dashes and quotes is a name like another") { trial in
            let start = try trial.stream("it's \"quoted\" \\ --; drop table").name + "-"
            let stream = try StreamID(validating: start + String(repeating: "k", count: 250 - start.utf8.count))
            try await trial.store.append([trial.event(1)], to: stream, expecting: .noStream)
            let read = try await trial.store.readPage(of: stream, from: nil, .forwards, limit: 1).events.first
            #expect(read?.stream == stream)
        },
    ]

    private static func json(_ bytes: [UInt8]) throws -> JSONValue {
        try JSONValue(parsing: bytes)
    }
}

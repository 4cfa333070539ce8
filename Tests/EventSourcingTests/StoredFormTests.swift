import EventSourcing
import Foundation
import Testing

/// Stored formats are for ever: these are the bytes that lie in people's databases. Never change an expectation here.
@Suite struct StoredFormTests {
    private static let noon = Date(timeIntervalSinceReferenceDate: 791_640_000.25)

    @Test func `labelled values are an object under the case's stored name`() throws {
        #expect(
            try stored(SeatEvent.held(booking: "b/1", until: Self.noon))
                == #"seat.held.v2 {"booking":"b/1","until":"2026-02-01T12:00:00.250000Z"}"#)
        #expect(try stored(SeatEvent.released(booking: "b\"ü\n")) == #"seat.released {"booking":"b\"ü\n"}"#)
    }

    @Test func `one value without a label is the data itself`() throws {
        #expect(try stored(SeatEvent.moved(.init(from: "A1", to: "B7"))) == #"seat.moved {"from":"A1","to":"B7"}"#)
        #expect(try stored(ValueEvent.number(7)) == "value.number 7")
        #expect(
            try stored(ValueEvent.list([Self.noon, nil])) == #"value.list ["2026-02-01T12:00:00.250000Z",null]"#)
    }

    @Test func `a case without values is an empty object`() throws {
        #expect(try stored(SeatEvent.closed) == "seat.closed {}")
    }

    @Test(arguments: [
        (ValueEvent.date(at: noon), #"date {"at":"2026-02-01T12:00:00.250000Z"}"#),
        (.date(at: .distantFuture), #"date {"at":"4001-01-01T00:00:00.000000Z"}"#),
        (.date(at: .distantPast), #"date {"at":"0000-12-30T00:00:00.000000Z"}"#),
        (.decimal(amount: Decimal(string: "-12.50")!), #"decimal {"amount":"-12.5"}"#),
        (
            .decimal(amount: Decimal(string: "12345678901234567890.123456789")!),
            #"decimal {"amount":"12345678901234567890.123456789"}"#
        ),
        (.data(bytes: Data([0, 255, 62, 63])), #"data {"bytes":"AP8+Pw=="}"#),
        (
            .uuid(id: UUID(uuidString: "0198C0DE-ABCD-7EF0-8000-0123456789AB")!),
            #"uuid {"id":"0198c0de-abcd-7ef0-8000-0123456789ab"}"#
        ),
        (.url(link: URL(string: "https://example.org/a?b=c#d")!), #"url {"link":"https://example.org/a?b=c#d"}"#),
        (.optional(text: nil, date: nil), "optional {}"),
        (.optional(text: "", date: noon), #"optional {"date":"2026-02-01T12:00:00.250000Z","text":""}"#),
        (.double(value: 0.1), #"double {"value":0.1}"#),
        (.double(value: 3), #"double {"value":3}"#),
        (.double(value: -0.0), #"double {"value":0}"#),
        (.double(value: 1e300), #"double {"value":1e+300}"#),
        (.double(value: .leastNonzeroMagnitude), #"double {"value":5e-324}"#),
        (.float(value: 0.1), #"float {"value":0.1}"#),
        (
            .integers(small: -128, large: .min, unsigned: .max, huge: .max),
            #"integers {"huge":170141183460469231731687303715884105727,"large":-9223372036854775808,"small":-128,"#
                + #""unsigned":18446744073709551615}"#
        ),
        (
            .text(value: "/\\\"\u{8}\u{C}\n\r\t\u{1}\u{1F}\u{7F}é😀\u{2028}"),
            #"text {"value":"/\\\"\b\f\n\r\t\u0001\u001f\#u{7F}é😀\#u{2028}"}"#
        ),
        (.names(["b": 1, "a": 2, "B": 3, "é": 4, "aa": 5]), #"names {"B":3,"a":2,"aa":5,"b":1,"é":4}"#),
        (
            .nested(.init(zebra: .init(price: 1, at: nil), alpha: [.init(price: 2, at: noon)])),
            #"nested {"alpha":[{"at":"2026-02-01T12:00:00.250000Z","price":"2"}],"zebra":{"price":"1"}}"#
        ),
        (.kind(kind: .aisle, flags: [true, false]), #"kind {"flags":[true,false],"kind":"aisle"}"#),
        (
            .json(value: ["z": 1, "a": [nil, true, "x", ["y": -2]]]),
            #"json {"value":{"a":[null,true,"x",{"y":-2}],"z":1}}"#
        ),
    ])
    func `each kind of value has its bytes, and comes back from them`(_ event: ValueEvent, _ expected: String) throws {
        let new = try EventCoding().encode(event)
        let json = String(decoding: new.data, as: UTF8.self)
        #expect("\(new.type) \(json)" == "value.\(expected)")
        let again: [ValueEvent] = try EventCoding().decodeEvents(recorded(new.type, json))
        #expect(again == [event])
    }

    @Test func `the tags of an event are stored beside it`() throws {
        enum Tagged: Event {
            static let category: StreamCategory = "tagged"
            case joined(student: String)
            var tags: [String] { if case .joined(let student) = self { ["student:\(student)"] } else { [] } }
        }
        #expect(try EventCoding().encode(Tagged.joined(student: "7")).tags == ["student:7"])
    }

    @Test func `readers take what other writers write`() throws {
        let table: [(String, String, ValueEvent)] = [
            ("date", #"{ "at" : "2026-02-01T14:00:00.25+02:00" }"#, .date(at: Self.noon)),
            ("date", #"{"at":"2026-02-01T12:00:00.250000000Z","unknown":[1,2,{}]}"#, .date(at: Self.noon)),
            ("date", #"{"at":"2026-02-01 12:00:00.25+00"}"#, .date(at: Self.noon)),
            ("decimal", #"{"amount":12.50}"#, .decimal(amount: Decimal(string: "12.5")!)),
            ("decimal", #"{"amount":"12.50"}"#, .decimal(amount: Decimal(string: "12.5")!)),
            (
                "uuid", #"{"id":"0198C0DE-ABCD-7EF0-8000-0123456789AB"}"#,
                .uuid(id: UUID(uuidString: "0198C0DE-ABCD-7EF0-8000-0123456789AB")!)
            ),
            ("number", "1e2", .number(100)),
            ("number", "7.0", .number(7)),
            ("double", #"{"value":1000000000000000000000000000000}"#, .double(value: 1e30)),
            ("optional", #"{"text":null}"#, .optional(text: nil, date: nil)),
            ("text", #"{"value":"\u00e9\ud83d\ude00\/"}"#, .text(value: "é😀/")),
        ]
        for (label, json, event) in table {
            let read: [ValueEvent] = try EventCoding().decodeEvents(recorded("value.\(label)", json))
            #expect(read == [event], "\(json)")
        }
    }
}

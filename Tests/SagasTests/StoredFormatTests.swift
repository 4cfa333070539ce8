import Foundation
import Testing

@testable import Sagas

/// Stored names are for ever: these lines may be added to, never changed.
@Suite struct StoredFormatTests {
    private static let at = Date(timeIntervalSince1970: 1_800_000_000.235)

    static let events: [(SagaEvent, String)] = [
        (
            .started(definition: 1, input: ["price": 90], at: at),
            #"{"started":{"at":"2027-01-15T08:00:00.235Z","definition":1,"input":{"price":90}}}"#
        ),
        (
            .stepStarted(step: "a", attempt: 1, at: at, awaits: .call, due: at, deadline: nil),
            #"{"stepStarted":{"at":"2027-01-15T08:00:00.235Z","attempt":1,"awaits":"call","due":"2027-01-15T08:00:00.235Z","step":"a"}}"#
        ),
        (
            .stepStarted(step: "a", attempt: 1, at: at, awaits: .reply, due: at, deadline: at),
            #"{"stepStarted":{"at":"2027-01-15T08:00:00.235Z","attempt":1,"awaits":"reply","deadline":"2027-01-15T08:00:00.235Z","due":"2027-01-15T08:00:00.235Z","step":"a"}}"#
        ),
        (
            .attemptFailed(step: "a", attempt: 2, error: "e", outcome: .unknown, retryAt: at, pause: 0.25),
            #"{"attemptFailed":{"attempt":2,"error":"e","outcome":"unknown","pause":0.25,"retryAt":"2027-01-15T08:00:00.235Z","step":"a"}}"#
        ),
        (
            .stepSucceeded(step: "a", attempt: 1, result: ["x": [1, nil, true]]),
            #"{"stepSucceeded":{"attempt":1,"result":{"x":[1,null,true]},"step":"a"}}"#
        ),
        (.stepSucceeded(step: "a", attempt: 1, result: nil), #"{"stepSucceeded":{"attempt":1,"step":"a"}}"#),
        (.stepPassedOver(step: "a"), #"{"stepPassedOver":{"step":"a"}}"#),
        (
            .stepFailed(step: "a", attempt: 1, error: "e", mayHaveHappened: true),
            #"{"stepFailed":{"attempt":1,"error":"e","mayHaveHappened":true,"step":"a"}}"#
        ),
        (
            .timerSet(step: "a", attempt: 1, due: at),
            #"{"timerSet":{"attempt":1,"due":"2027-01-15T08:00:00.235Z","step":"a"}}"#
        ),
        (.timerFired(step: "a"), #"{"timerFired":{"step":"a"}}"#),
        (.compensationStarted(reason: "r"), #"{"compensationStarted":{"reason":"r"}}"#),
        (
            .undoStarted(step: "a", attempt: 1, at: at, awaits: .call, due: at),
            #"{"undoStarted":{"at":"2027-01-15T08:00:00.235Z","attempt":1,"awaits":"call","due":"2027-01-15T08:00:00.235Z","step":"a"}}"#
        ),
        (
            .undoAttemptFailed(step: "a", attempt: 1, error: "e", retryAt: at, pause: 1),
            #"{"undoAttemptFailed":{"attempt":1,"error":"e","pause":1,"retryAt":"2027-01-15T08:00:00.235Z","step":"a"}}"#
        ),
        (.stepUndone(step: "a", attempt: 1), #"{"stepUndone":{"attempt":1,"step":"a"}}"#),
        (
            .lateOutcome(step: "a", attempt: 1, direction: .forward, outcome: .succeeded, result: 7, undoAgain: false),
            #"{"lateOutcome":{"attempt":1,"direction":"forward","outcome":"succeeded","result":7,"step":"a","undoAgain":false}}"#
        ),
        (
            .attentionNeeded(step: "a", direction: .backward, reason: "r"),
            #"{"attentionNeeded":{"direction":"backward","reason":"r","step":"a"}}"#
        ),
        (
            .retriedByOperator(step: "a", actor: "ada", reason: "r", at: at),
            #"{"retriedByOperator":{"actor":"ada","at":"2027-01-15T08:00:00.235Z","reason":"r","step":"a"}}"#
        ),
        (
            .skippedByOperator(step: "a", direction: .forward, actor: "ada", reason: "r"),
            #"{"skippedByOperator":{"actor":"ada","direction":"forward","reason":"r","step":"a"}}"#
        ),
        (
            .resultSetByOperator(step: "a", result: "x", actor: "ada", reason: "r"),
            #"{"resultSetByOperator":{"actor":"ada","reason":"r","result":"x","step":"a"}}"#
        ),
        (
            .operatorRefused(verb: "skip", actor: "ada", reason: "r", because: "b"),
            #"{"operatorRefused":{"actor":"ada","because":"b","reason":"r","verb":"skip"}}"#
        ),
        (.completed, #"{"completed":{}}"#),
        (.compensated, #"{"compensated":{}}"#),
    ]

    @Test(arguments: events)
    func `an event is stored as it always was, and read back the same`(event: SagaEvent, stored: String) throws {
        #expect(String(decoding: try SagaJSON.encode(event), as: UTF8.self) == stored)
        #expect(try SagaJSON.decode(SagaEvent.self, from: Data(stored.utf8)) == event)
    }

    @Test(arguments: [
        "0", "-1", "9223372036854775807", "18446744073709551615", "0.1", "12345678901234567890.123456789", "1e+300",
        #""a/b""#, #"{"a":{"b":[]}}"#, "null", "true",
    ])
    func `a JSON value keeps its digits`(text: String) throws {
        let value = try SagaJSON.decode(JSONValue.self, from: Data(text.utf8))
        #expect(String(decoding: try SagaJSON.encode(value), as: UTF8.self) == text)
    }

    @Test func `a date keeps its milliseconds through the journal, and a due time is never early`() throws {
        for millisecond in 0..<1000 {
            let date = Date(timeIntervalSince1970: 1_800_000_000 + Double(millisecond) / 1000)
            #expect(try SagaJSON.decode(Date.self, from: SagaJSON.encode(date)) == date)
            let due = date.adding(.microseconds(1500))
            #expect(due.timeIntervalSince(date) >= 0.001499 && due.timeIntervalSince(date) < 0.002001)
        }
    }
}

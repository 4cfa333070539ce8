import EventSourcing
import Foundation
import Testing

@testable import Sagas

/// Stored names are for ever: these lines may be added to, never changed.
@Suite struct StoredFormatTests {
    private static let at = Date(timeIntervalSince1970: 1_800_000_000).adding(.milliseconds(235))

    static let events: [(SagaEvent, String)] = [
        (
            .started(definition: 1, input: ["price": 90], at: at),
            #"$saga.started {"at":"2027-01-15T08:00:00.235000Z","definition":1,"input":{"price":90}}"#
        ),
        (
            .stepStarted(step: "a", attempt: 1, at: at, awaits: .call, due: at, deadline: nil),
            #"$saga.stepStarted {"at":"2027-01-15T08:00:00.235000Z","attempt":1,"awaits":"call","due":"2027-01-15T08:00:00.235000Z","step":"a"}"#
        ),
        (
            .stepStarted(step: "a", attempt: 1, at: at, awaits: .reply, due: at, deadline: at),
            #"$saga.stepStarted {"at":"2027-01-15T08:00:00.235000Z","attempt":1,"awaits":"reply","deadline":"2027-01-15T08:00:00.235000Z","due":"2027-01-15T08:00:00.235000Z","step":"a"}"#
        ),
        (
            .attemptFailed(step: "a", attempt: 2, error: "e", outcome: .unknown, retryAt: at, pause: 0.25),
            #"$saga.attemptFailed {"attempt":2,"error":"e","outcome":"unknown","pause":0.25,"retryAt":"2027-01-15T08:00:00.235000Z","step":"a"}"#
        ),
        (
            .stepSucceeded(step: "a", attempt: 1, result: ["x": [1, nil, true]]),
            #"$saga.stepSucceeded {"attempt":1,"result":{"x":[1,null,true]},"step":"a"}"#
        ),
        (.stepSucceeded(step: "a", attempt: 1, result: nil), #"$saga.stepSucceeded {"attempt":1,"step":"a"}"#),
        (.stepPassedOver(step: "a"), #"$saga.stepPassedOver {"step":"a"}"#),
        (
            .stepFailed(step: "a", attempt: 1, error: "e", mayHaveHappened: true),
            #"$saga.stepFailed {"attempt":1,"error":"e","mayHaveHappened":true,"step":"a"}"#
        ),
        (
            .timerSet(step: "a", attempt: 1, due: at),
            #"$saga.timerSet {"attempt":1,"due":"2027-01-15T08:00:00.235000Z","step":"a"}"#
        ),
        (.timerFired(step: "a"), #"$saga.timerFired {"step":"a"}"#),
        (.compensationStarted(reason: "r"), #"$saga.compensationStarted {"reason":"r"}"#),
        (
            .undoStarted(step: "a", attempt: 1, at: at, awaits: .call, due: at),
            #"$saga.undoStarted {"at":"2027-01-15T08:00:00.235000Z","attempt":1,"awaits":"call","due":"2027-01-15T08:00:00.235000Z","step":"a"}"#
        ),
        (
            .undoAttemptFailed(step: "a", attempt: 1, error: "e", retryAt: at, pause: 1),
            #"$saga.undoAttemptFailed {"attempt":1,"error":"e","pause":1,"retryAt":"2027-01-15T08:00:00.235000Z","step":"a"}"#
        ),
        (.stepUndone(step: "a", attempt: 1), #"$saga.stepUndone {"attempt":1,"step":"a"}"#),
        (
            .lateOutcome(step: "a", attempt: 1, direction: .forward, outcome: .succeeded, result: 7, undoAgain: false),
            #"$saga.lateOutcome {"attempt":1,"direction":"forward","outcome":"succeeded","result":7,"step":"a","undoAgain":false}"#
        ),
        (
            .attentionNeeded(step: "a", direction: .backward, reason: "r"),
            #"$saga.attentionNeeded {"direction":"backward","reason":"r","step":"a"}"#
        ),
        (
            .retriedByOperator(step: "a", actor: "ada", reason: "r", at: at),
            #"$saga.retriedByOperator {"actor":"ada","at":"2027-01-15T08:00:00.235000Z","reason":"r","step":"a"}"#
        ),
        (
            .skippedByOperator(step: "a", direction: .forward, actor: "ada", reason: "r"),
            #"$saga.skippedByOperator {"actor":"ada","direction":"forward","reason":"r","step":"a"}"#
        ),
        (
            .resultSetByOperator(step: "a", result: "x", actor: "ada", reason: "r"),
            #"$saga.resultSetByOperator {"actor":"ada","reason":"r","result":"x","step":"a"}"#
        ),
        (
            .operatorRefused(verb: "skip", actor: "ada", reason: "r", because: "b"),
            #"$saga.operatorRefused {"actor":"ada","because":"b","reason":"r","verb":"skip"}"#
        ),
        (.completed, #"$saga.completed {}"#),
        (.compensated, #"$saga.compensated {}"#),
    ]

    @Test(arguments: events)
    func `an event is stored as it always was, and read back the same`(event: SagaEvent, stored: String) throws {
        let encoded = try EventCoding().encode(event)
        #expect("\(encoded.type) \(String(decoding: encoded.data, as: UTF8.self))" == stored)
        #expect(try event.storedAndRead() == event)
    }

    @Test func `the row's state is stored as it always was`() throws {
        var saga = try SagaScript(BookTrip(), BookTrip.input)
        try saga.due()
        try saga.done("hold-seat", SeatHold(code: "x"))
        #expect(
            String(decoding: try JSONValue(encoding: saga.state).json(), as: UTF8.self) == """
                {"attempt":1,"attemptsBefore":0,"attemptsSince":"2027-01-15T08:00:00.000000Z",\
                "data":{"input":{"booking":"b1","price":90,"seatNumber":"A1","wantsRoom":true},\
                "results":{"hold-seat":{"code":"x"}}},"deadline":"2027-01-15T08:00:30.000000Z","definition":1,\
                "direction":"forward","dueAt":"2027-01-15T08:00:30.000000Z",\
                "effects":[{"certain":true,"step":"hold-seat","undoAttempts":0}],"mayHaveHappened":false,\
                "settled":["hold-seat"],"status":"waiting","step":"hold-room","undone":[],"waitingFor":"reply"}
                """)
    }

    @Test func `a date keeps its microseconds through the journal, and a due time is never early`() throws {
        for step in 0..<1000 {
            let date = Date(timeIntervalSince1970: 1_800_000_000).adding(.microseconds(step * 997))
            #expect(try JSONValue(encoding: date).decode(Date.self) == date)
            let due = date.adding(.nanoseconds(1500))
            #expect(due == date.adding(.microseconds(2)))
            #expect(due.timeIntervalSince(date) > 0.0000015 && due.timeIntervalSince(date) < 0.0000025)
        }
    }
}

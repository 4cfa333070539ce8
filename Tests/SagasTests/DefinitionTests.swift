import EventSourcing
import Testing

@testable import Sagas

@Suite struct DefinitionTests {
    @Test func `a saga is registered with its steps in order`() throws {
        let definition = try SagaDefinition(BookTrip())
        #expect(definition.name == "book-trip" && definition.version == 1)
        #expect(
            definition.steps.map(\.name) == [
                "hold-seat", "hold-room", "capture-payment", "cool-off", "issue-ticket",
            ])
        #expect(definition.steps.map(\.kind) == [.compensatable, .compensatable, .pivot, .wait, .retriable])
        #expect(definition.steps.map(\.canGoBack) == [true, true, true, false, false])
        #expect(definition.steps.map(\.isConditional) == [false, true, false, false, false])
        #expect(definition.steps[1].work == .command(to: "hotels"))
        #expect(definition.steps[1].settings.deadline == .seconds(30))
    }

    @Test func `a call reads the input, returns its result as JSON and runs under its key`() async throws {
        let step = try #require(try SagaDefinition(BookTrip())["hold-seat"])
        let call = try #require(step.forward.call)
        let result = try await call(context, 1, data)
        #expect(result == .object(["code": "A1 book-trip/42/hold-seat"]))
    }

    @Test func `the key is the same for every attempt and for the undo, and another per saga, step and tenant`() {
        let first = context.run("hold-seat", attempt: 1, state: BookTrip.input)
        let second = context.run("hold-seat", attempt: 2, state: BookTrip.input)
        #expect(first.key == second.key && first.key.rawValue == "book-trip/42/hold-seat")
        #expect(context.run("hold-room", attempt: 1, state: BookTrip.input).key != first.key)
        let elsewhere = StepContext(tenant: "acme", saga: "book-trip", id: "42")
        #expect(
            elsewhere.run("hold-seat", attempt: 1, state: BookTrip.input).key.rawValue == "acme:book-trip/42/hold-seat")
    }

    @Test func `a step that reads a result that is not there fails with its name`() async throws {
        let call = try #require(try SagaDefinition(BookTrip())["capture-payment"]?.forward.call)
        let error = await #expect(throws: SagaError.self) { try await call(context, 1, self.data) }
        #expect(error?.code == .missingResult)
        #expect(error?.message.contains("capture-payment") == true && error?.message.contains("seat") == true)
        var data = try self.data
        data.results["hold-seat"] = .object(["code": "x"])
        #expect(try await call(context, 1, data) == ["amount": 90])
    }

    @Test func `a command is made from the state, with its stored name`() throws {
        let step = try #require(try SagaDefinition(BookTrip())["hold-room"])
        let made = try #require(try step.forward.command?(context, 1, data))
        #expect(made.to == "hotels" && made.body.type == "hold-room" && made.body.payload == .object(["booking": "b1"]))
        let undo = try #require(try step.backward?.command?(context, 1, data))
        #expect(undo.to == "hotels" && undo.body.type == "release-room")
    }

    @Test func `a result that does not have the step's type is refused`() throws {
        let step = try #require(try SagaDefinition(BookTrip())["hold-room"])
        #expect(throws: Never.self) { try step.check(.object(["room": 7])) }
        #expect(throws: (any Error).self) { try step.check(.object(["room": "seven"])) }
        #expect(throws: (any Error).self) { try step.check(nil) }
    }

    @Test(arguments: [
        (["hold", "hold"], "two steps are named 'hold'"), (["Hold"], "'Hold' is not valid"),
        (["hold_it"], "'hold_it' is not valid"), ([""], "'' is not valid"),
    ])
    func `step names that are used twice or not valid are refused at registration`(names: [String], says: String) {
        let error = #expect(throws: SagaError.self) { try SagaDefinition(Named(names: names)) }
        #expect(error?.code == .invalidDefinition && error?.message.contains(says) == true)
    }

    @Test func `two steps that write into one property are refused at registration`() {
        struct Twice: Saga {
            static let name: SagaName = "twice"
            struct State: Codable { var seat: SeatHold? }
            var steps: Steps {
                Retriable("one", into: \.seat) { _ in SeatHold(code: "1") }
                Retriable("two", into: \.seat) { _ in SeatHold(code: "2") }
            }
        }
        let error = #expect(throws: SagaError.self) { try SagaDefinition(Twice()) }
        #expect(error?.message.contains("'one' and 'two' write into the same property") == true)
    }

    @Test(arguments: [("HoldSeat", "hold-seat"), ("HTTPCall", "http-call"), ("x", "x"), ("ReadURL", "read-url")])
    func `a command's stored name is its type's with hyphens`(type: String, name: String) {
        #expect(type.hyphenated == name)
    }

    private let context = StepContext(saga: "book-trip", id: "42")
    private var data: SagaData {
        get throws { SagaData(input: try JSONValue(encoding: BookTrip.input)) }
    }

    private struct Named: Saga {
        static let name: SagaName = "named"
        struct State: Codable {}
        let names: [String]
        var steps: Steps {
            return SagaSteps(plans: names.map { Retriable(StepName(rawValue: $0)) { _ in }.plan })
        }
    }
}

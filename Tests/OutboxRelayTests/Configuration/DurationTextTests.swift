import Testing

@testable import OutboxRelay

@Suite("Durations carry their unit")
struct DurationTextTests {
    @Test(arguments: [
        ("10s", Duration.seconds(10)), ("250ms", .milliseconds(250)), ("1.5m", .seconds(90)), ("2h", .seconds(7200)),
        ("1d", .seconds(86_400)), ("7us", .microseconds(7)), ("0s", .zero), ("10 s", .seconds(10)),
    ])
    func `a number with a unit is read`(text: String, duration: Duration) throws {
        #expect(try DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        ("10", "has no unit; write 10s for seconds or 10ms"), ("10 sec", "unknown unit 'sec'; known are us, ms, s"),
        ("soon", "is not a duration; write a number and a unit"), ("-1s", "is not a duration"),
        ("", "is not a duration"),
        ("1.2.3s", "is not a duration"), ("99999999999d", "longer than this program can count"),
    ])
    func `anything else is refused, and the message says how to write it`(text: String, message: String) {
        let problem = #expect(throws: ConfigurationProblem.self) { try DurationText.parse(text) }
        #expect(problem?.description.contains(message) == true, "\(String(describing: problem))")
    }

    @Test(arguments: ["0s", "90s", "250ms", "2h", "7us", "1d", "1500ms", "30m"])
    func `what is written reads back`(text: String) throws {
        let duration = try DurationText.parse(text)
        #expect(try DurationText.parse(DurationText.format(duration)) == duration)
    }

    @Test func `the largest unit that divides it is written`() {
        #expect(DurationText.format(.seconds(90)) == "90s")
        #expect(DurationText.format(.seconds(120)) == "2m")
        #expect(DurationText.format(.milliseconds(1500)) == "1500ms")
        #expect(DurationText.format(.seconds(172_800)) == "2d")
    }
}

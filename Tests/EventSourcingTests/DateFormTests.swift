import EventSourcing
import Foundation
import Testing

/// Dates are stored to the microsecond, and the text is the same for ever.
@Suite struct DateFormTests {
    private func text(_ date: Date) throws -> String {
        let json = try EventCoding().encode(ValueEvent.date(at: date)).data
        return try #require(try JSONValue(parsing: json)["at"]?.string)
    }

    private func date(_ text: String) throws -> Date? {
        let events: [ValueEvent] = try EventCoding().decodeEvents(recorded("value.date", #"{"at":"\#(text)"}"#))
        guard case .date(let date) = events.first else { return nil }
        return date
    }

    @Test func `a date of whole microseconds comes back as itself, and its text as the same text`() throws {
        var random = SplitMix(seed: 7)
        for _ in 0..<2000 {
            // 1900 to 2200.
            let seconds = Int.random(in: -2_208_988_800..<7_258_118_400, using: &random)
            let micros = Int.random(in: 0..<1_000_000, using: &random)
            let reference = Double(seconds - 978_307_200) + Double(micros) / 1_000_000
            let date = Date(timeIntervalSinceReferenceDate: reference)
            let text = try text(date)
            #expect(text.hasSuffix(String(format: ".%06dZ", micros)))
            let again = try #require(try self.date(text))
            #expect(again == date)
            #expect(try self.text(again) == text)
        }
    }

    @Test func `a finer fraction is rounded, also over the end of a year`() throws {
        let base = Date(timeIntervalSince1970: 1_767_225_599)  // 2025-12-31T23:59:59Z
        #expect(try text(base.addingTimeInterval(0.999_999_7)) == "2026-01-01T00:00:00.000000Z")
        #expect(try text(base.addingTimeInterval(0.123_456_4)) == "2025-12-31T23:59:59.123456Z")
        #expect(try text(Date(timeIntervalSinceReferenceDate: -1e-9)) == "2001-01-01T00:00:00.000000Z")
    }

    @Test func `the calendar agrees with Foundation's over all years`() throws {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = .gmt
        var random = SplitMix(seed: 11)
        for _ in 0..<500 {
            // From the reform of the calendar on, before which Foundation counts Julian days.
            let seconds = Int.random(in: -12_219_292_800..<253_402_300_800, using: &random)
            let date = Date(timeIntervalSince1970: Double(seconds))
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let expected = String(
                format: "%04d-%02d-%02dT%02d:%02d:%02d.000000Z", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0,
                parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
            #expect(try text(date) == expected)
            #expect(try self.date(expected) == date)
        }
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.0000000000Z", "2026-01-01T00:00:00Z ", "+2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00+25:00", "", "yesterday",
    ])
    func `a text that is no date is refused`(_ text: String) {
        let error = storeError { _ = try date(text) }
        #expect(error?.code == .decoding)
        #expect(error?.message.contains("at \"at\" that does not fit: expected a date like") == true)
    }

    @Test func `leap days are days`() throws {
        #expect(try date("2024-02-29T12:00:00Z") == Date(timeIntervalSince1970: 1_709_208_000))
        #expect(try date("2000-02-29T00:00:00Z") != nil)
        #expect(throws: EventStoreError.self) { try date("1900-02-29T00:00:00Z") }
    }
}

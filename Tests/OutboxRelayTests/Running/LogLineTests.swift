import Foundation
import Logging
import Testing

@testable import OutboxRelay

@Suite("The log")
struct LogLineTests {
    private let line = LogLine(
        time: Date(timeIntervalSince1970: 1_790_000_000.25), level: .warning, label: "relay",
        message: "sink said \"no\"\n\tand\u{1}",
        metadata: ["lane": "3", "keys": ["a", "b\\c"], "lease": ["epoch": "\(7)", "näme": .stringConvertible(1.5)]])

    @Test func `a JSON line is one line, and reads back whole`() throws {
        #expect(!line.json.contains("\n"))
        let read = try #require(try JSONSerialization.jsonObject(with: Data(line.json.utf8)) as? [String: Any])
        #expect(read["time"] as? String == "2026-09-21T14:13:20.250Z")
        #expect(read["level"] as? String == "warning")
        #expect(read["logger"] as? String == "relay")
        #expect(read["message"] as? String == "sink said \"no\"\n\tand\u{1}")
        let fields = try #require(read["fields"] as? [String: Any])
        #expect(fields["keys"] as? [String] == ["a", "b\\c"])
        #expect(fields["lease"] as? [String: String] == ["epoch": "7", "näme": "1.5"])
    }

    @Test func `a line for people is one line`() {
        let text = LogLine(
            time: Date(timeIntervalSince1970: 1_790_000_000.25), level: .info, label: "relay", message: "two\nlines",
            metadata: ["b": "2", "a": "x\ny"]
        ).text
        #expect(text == "14:13:20.250 INFO     two ⏎ lines a=x ⏎ y b=2")
    }
}

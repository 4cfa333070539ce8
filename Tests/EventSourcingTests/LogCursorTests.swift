import EventSourcing
import Foundation
import Testing

@Suite struct LogCursorTests {
    @Test func `a cursor has a text form that reads back`() throws {
        let cursor = LogCursor(generation: 3, position: 123)
        #expect(cursor.description == "g3-123")
        #expect(try LogCursor(parsing: "g3-123") == cursor)
        #expect(try LogCursor(parsing: LogCursor.start.description) == .start)
        let data = try JSONEncoder().encode([cursor])
        #expect(String(decoding: data, as: UTF8.self) == #"["g3-123"]"#)
        #expect(try JSONDecoder().decode([LogCursor].self, from: data) == [cursor])
    }

    @Test(arguments: [
        "", "g", "g1", "g1-", "-1", "g-1", "1-2", "g0-1", "g1--2", "g1-2-3", "g1-2x", "G1-2", "g1-99999999999999999999",
    ])
    func `a text that is no cursor is refused, saying what one looks like`(_ text: String) {
        let error = storeError { _ = try LogCursor(parsing: text) }
        #expect(error?.argument == "cursor" && error?.message.contains("looks like \"g1-123\"") == true)
    }
}

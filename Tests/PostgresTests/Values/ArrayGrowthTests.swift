import Testing

@testable import Postgres

/// Appends send arrays of hundreds of long elements: encoding must stay linear in their bytes.
@Suite("Growth of arrays")
struct ArrayGrowthTests {
    @Test func `the buffer is moved a logarithmic number of times, not once for every element`() throws {
        let element = JSONB(Array(repeating: UInt8(ascii: "1"), count: 300))
        var buffer = PostgresBuffer()
        var moves = 0
        var room = 0
        for _ in 0..<20_000 {
            try buffer.writeFramed { buffer throws(PostgresError) in try element.encode(into: &buffer) }
            if buffer.room != room {
                room = buffer.room
                moves += 1
            }
        }
        #expect(buffer.count == 20_000 * 305)
        #expect(moves <= 32)
    }

    @Test func `reserving little by little moves it no more often`() {
        var buffer = PostgresBuffer()
        var moves = 0
        var room = 0
        for _ in 0..<100_000 {
            buffer.reserve(8)
            buffer.write(0 as Int64)
            if buffer.room != room {
                room = buffer.room
                moves += 1
            }
        }
        #expect(moves <= 24)
    }

    @Test func `two hundred thousand elements are encoded and decoded`() throws {
        let texts = (0..<200_000).map { "element \($0)" }
        #expect(try roundTrip(texts) == texts)
        let numbers = (0..<200_000).map { $0 % 7 == 0 ? nil : Int64($0) }
        #expect(try roundTrip(numbers) == numbers)
    }
}

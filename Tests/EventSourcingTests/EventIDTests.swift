import EventSourcing
import Foundation
import Testing

@Suite struct EventIDTests {
    @Test func `made ids are UUIDs of version 7 with the time in front`() {
        let before = UInt64(Date().timeIntervalSince1970 * 1000)
        let bytes = EventID().rawValue.uuid
        let after = UInt64(Date().timeIntervalSince1970 * 1000)
        let time = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // Ids that other tests draw at the same time may push it ahead by a few of its 4096 steps a millisecond.
        #expect(time + 1 >= before && time <= after + 1000)
        #expect(bytes.6 >> 4 == 7, "the version")
        #expect(bytes.8 >> 6 == 0b10, "the variant")
    }

    @Test func `ids rise within a process, also when many are made at once`() async {
        let batches = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<4 { group.addTask { (0..<5000).map { _ in EventID().description } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for batch in batches { #expect(zip(batch, batch.dropFirst()).allSatisfy(<)) }
        #expect(Set(batches.joined()).count == 20_000)
    }

    @Test func `ids are written in lower case`() {
        let id = EventID()
        #expect(id.description == id.rawValue.uuidString.lowercased())
        #expect(AppendID(id.rawValue).description == id.description)
    }
}

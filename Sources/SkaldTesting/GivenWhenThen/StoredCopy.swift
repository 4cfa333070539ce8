import EventSourcing
import Foundation

/// Writes an event as a store would, reads it back and writes it again.
enum StoredCopy {
    /// - Throws: what writing and reading throw; `decoding` if the second writing differs from the first.
    static func check<E: Event>(_ event: E) throws(EventStoreError) {
        let coding = EventCoding()
        let stored = try coding.encode(event)
        let recorded = RecordedEvent(
            position: 1, stream: "example", version: 0, type: stored.type, data: stored.data,
            metadataJSON: stored.metadataJSON, tags: stored.tags, id: EventID(), recordedAt: Date())
        let copies = try coding.decodeEvents(recorded, as: E.self)
        let again = try coding.encode(copies)
        if again.map(\.type) != [stored.type] || again.map(\.data) != [stored.data] {
            throw EventStoreError(
                .decoding, "\"\(stored.type)\" reads back as something else; look at its coding and at the upcasts")
        }
    }
}

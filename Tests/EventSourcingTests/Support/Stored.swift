import EventSourcing
import Foundation

/// What is stored of an event, as type and JSON text.
func stored(_ event: some Event) throws -> String {
    let new = try EventCoding().encode(event)
    return "\(new.type) \(String(decoding: new.data, as: UTF8.self))"
}

/// An event as a store gives it back.
func recorded(_ type: String, _ json: String, stream: StreamID = "seat-A1", version: StreamVersion = 3) -> RecordedEvent
{
    RecordedEvent(
        position: 42, stream: stream, version: version, type: type, data: Array(json.utf8),
        metadataJSON: Array("{}".utf8),
        tags: [], id: EventID(), recordedAt: Date(timeIntervalSince1970: 0))
}

/// The error that an operation of the store throws; nil if it throws none.
func storeError(_ operation: () throws -> Void) -> EventStoreError? {
    do {
        try operation()
        return nil
    } catch {
        return error as? EventStoreError
    }
}

import EventSourcing
import Foundation
import Testing

@Suite struct MetadataTests {
    private func text(_ metadata: Metadata) throws -> String { String(decoding: try metadata.json(), as: UTF8.self) }

    @Test func `metadata is one flat object, and comes back from it`() throws {
        let metadata = Metadata(
            correlationID: "c-1", causationID: "c-0", actor: "ada", traceparent: "00-a-b-01",
            values: ["zone": "north", "aisle": 7])
        #expect(
            try text(metadata)
                == #"{"actor":"ada","aisle":7,"causationId":"c-0","correlationId":"c-1","traceparent":"00-a-b-01","#
                + #""zone":"north"}"#)
        #expect(try Metadata(json: metadata.json()) == metadata)
        #expect(try text(Metadata()) == "{}")
        #expect(try Metadata(json: Array(" {} ".utf8)) == Metadata())
    }

    @Test func `a name of ours with another kind of value stays among the values`() throws {
        let metadata = try Metadata(json: Array(#"{"actor":{"id":7},"correlationId":null,"causationId":"c"}"#.utf8))
        #expect(metadata.actor == nil && metadata.causationID == "c")
        #expect(metadata.values == ["actor": ["id": 7], "correlationId": nil])
        #expect(try text(metadata) == #"{"actor":{"id":7},"causationId":"c","correlationId":null}"#)
    }

    @Test func `it is codable as the same object`() throws {
        let metadata = Metadata(actor: "ada", values: ["n": 1, "list": [true, nil]])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(metadata)
        #expect(String(decoding: data, as: UTF8.self) == #"{"actor":"ada","list":[true,null],"n":1}"#)
        #expect(try JSONDecoder().decode(Metadata.self, from: data) == metadata)
    }

    @Test func `metadata that the log cannot hold is refused by name`() {
        let large = Metadata(actor: String(repeating: "x", count: EventLimits.metadataBytes))
        let nul = Metadata(values: ["x": "\u{0}"])
        for (metadata, words) in [(large, "may have 65536 bytes"), (nul, "U+0000")] {
            let error = storeError { _ = try metadata.json() }
            #expect(error?.code == .invalidArgument && error?.argument == "metadata")
            #expect(error?.message.contains(words) == true)
        }
    }

    @Test(arguments: ["[]", "7", "", "{"])
    func `stored metadata that is no object is an error, and not empty`(_ json: String) {
        #expect(storeError { _ = try Metadata(json: Array(json.utf8)) }?.code == .decoding)
    }
}

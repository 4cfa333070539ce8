import EventSourcing
import Foundation
import Testing

@Suite struct StreamNameTests {
    @Test(arguments: [
        ("seat-A1", "seat", "A1"), ("seat-a-b", "seat", "a-b"), ("seat", "seat", ""), ("seat-", "seat", ""),
        ("-x", "", "x"), ("$saga:trip-7", "$saga:trip", "7"), ("sitz-ä ö", "sitz", "ä ö"),
    ])
    func `the category is what stands before the first dash`(_ name: String, _ category: String, _ key: String) throws {
        let stream = try StreamID(validating: name)
        #expect(stream.name == name && stream.category.name == category && stream.key == key)
    }

    @Test func `a name has 1 to 250 bytes of UTF-8`() throws {
        #expect(try StreamID(validating: String(repeating: "ä", count: 125)).name.utf8.count == 250)
        let long = storeError { _ = try StreamID(validating: String(repeating: "ä", count: 126)) }
        #expect(long?.message == "a stream's name must have 1 to 250 bytes of UTF-8; this one has 252")
        #expect(long?.code == .invalidArgument && long?.argument == "stream")
        #expect(storeError { _ = try StreamID(validating: "") }?.message.contains("this one is empty") == true)
    }

    @Test(arguments: ["\u{0}", "\u{1F}", "\n", "\u{7F}", "\u{80}", "\u{9F}"])
    func `a name has no control characters`(_ control: String) {
        let error = storeError { _ = try StreamID(validating: "seat-\(control)1") }
        #expect(error?.message == "a stream's name must not contain control characters")
    }

    @Test func `characters next to the control characters are allowed`() throws {
        for character in [" ", "~", "\u{A0}", "\u{C0}", "\u{1F600}"] {
            #expect(try StreamID(validating: "seat-\(character)").key == character)
        }
    }

    @Test func `a name is made of a category and a key, which must not be empty`() throws {
        #expect(try StreamID("seat", "A1").name == "seat-A1")
        #expect(try StreamID("seat", 7).name == "seat-7")
        #expect(try StreamID("seat", Int64.min).key(as: Int64.self) == .min)
        let id = UUID()
        #expect(try StreamID("seat", id).name == "seat-\(id.uuidString.lowercased())")
        #expect(try StreamID("seat", id).key() == id)
        #expect(try StreamID("seat", "A1").key(as: Int.self) == nil)
        let error = storeError { _ = try StreamID("seat", "") }
        #expect(error?.message == "the key of a stream of category \"seat\" must not be empty")
    }

    @Test func `a type that wraps a key is a key`() throws {
        struct SeatNumber: RawRepresentable, StreamKey, Equatable { let rawValue: String }
        let stream = try StreamID("seat", SeatNumber(rawValue: "B7"))
        #expect(stream.name == "seat-B7" && stream.key() == SeatNumber(rawValue: "B7"))
    }

    @Test func `names beginning with a dollar sign are the framework's own`() throws {
        #expect(try StreamID(validating: "$saga:trip-1").isReserved)
        #expect(try !StreamID(validating: "saga$-1").isReserved)
    }

    @Test func `names are equal if their bytes are`() throws {
        let (composed, decomposed) = (try StreamID("seat", "\u{e9}"), try StreamID("seat", "e\u{301}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
        #expect(decomposed < composed, "by bytes")
    }

    @Test func `a category has no dash, no control character and at most 200 bytes`() {
        #expect(throws: Never.self) { try StreamCategory(validating: String(repeating: "c", count: 200)) }
        for name in ["", "a-b", "a\n", String(repeating: "c", count: 201)] {
            #expect(storeError { _ = try StreamCategory(validating: name) }?.argument == "category")
        }
    }

    @Test func `a name is coded as a string, and checked when it is read`() throws {
        let data = try JSONEncoder().encode(["seat-A1" as StreamID])
        #expect(String(decoding: data, as: UTF8.self) == #"["seat-A1"]"#)
        #expect(try JSONDecoder().decode([StreamID].self, from: data) == ["seat-A1"])
        #expect(throws: EventStoreError.self) { try JSONDecoder().decode([StreamID].self, from: Data(#"[""]"#.utf8)) }
    }
}

import EventSourcing
import Foundation
import Testing

/// What cannot be stored is refused when it is encoded, in words that say what to do.
@Suite struct EventShapeTests {
    private enum Wrong: Event {
        static let category: StreamCategory = "wrong"
        case mixed(Int, label: Int)
        case mixedLater(label: Int, String)
        case two(Int, Int)
        case mixedNil(Int?, label: Int?)
        case optional(Int?)
        case silent(Silent)
        case double(value: Double)
        case date(at: Date)
        case decimal(amount: Decimal)
        case text(value: String)
        case key([String: Int])
        case tree(Tree)

        struct Silent: Codable, Sendable {
            init() {}
            init(from decoder: any Decoder) {}
            func encode(to encoder: any Encoder) {}
        }
        indirect enum Tree: Codable, Sendable { case leaf, node(Tree) }
    }

    private func refusal(_ event: some Event) -> String? {
        let error = storeError { _ = try EventCoding().encode(event) }
        #expect(error?.code == .encoding)
        return error?.message
    }

    @Test func `a value without a label beside others is refused`() throws {
        for event in [Wrong.mixed(1, label: 2), .mixedLater(label: 1, ""), .two(1, 2), .mixedNil(nil, label: nil)] {
            let message = try #require(refusal(event))
            #expect(message.contains("without a label beside others. Give every value a label"), "\(message)")
        }
    }

    @Test func `a single value that encodes to nothing is refused`() throws {
        let optional = try #require(refusal(Wrong.optional(nil)))
        #expect(optional.contains("encodes to nothing") && optional.contains("Give it a label"))
        #expect(try #require(refusal(Wrong.silent(.init()))).contains("Silent encodes to nothing"))
        #expect(try stored(Wrong.optional(3)) == "wrong.optional 3")
    }

    @Test func `an event that is not an enum of Swift's own coding is refused`() throws {
        struct NotAnEnum: Event {
            static let category: StreamCategory = "wrong"
            var value = 1
        }
        struct Empty: Event { static let category: StreamCategory = "wrong" }
        enum Raw: String, Event {
            static let category: StreamCategory = "wrong"
            case one
        }
        for message in [refusal(NotAnEnum()), refusal(Empty()), refusal(Raw.one)] {
            #expect(try #require(message).contains("is not an enum whose coding Swift makes"))
        }
    }

    @Test func `values that JSON or the database cannot hold are refused by name`() throws {
        let table: [(Wrong, String)] = [
            (.double(value: .infinity), "at \"value\" that cannot be written: JSON has no infinity and no NaN"),
            (.double(value: .nan), "JSON has no infinity and no NaN"),
            (.date(at: Date(timeIntervalSince1970: 253_402_300_800)), "a date must lie in the years 0000 to 9999"),
            (.date(at: Date(timeIntervalSinceReferenceDate: .nan)), "a date must lie in the years 0000 to 9999"),
            (.decimal(amount: .nan), "this decimal is not a number"),
            (.text(value: "a\u{0}b"), "U+0000 in a string, which PostgreSQL's jsonb cannot hold"),
            (.key(["\u{0}": 1]), "U+0000 in a string, which PostgreSQL's jsonb cannot hold"),
        ]
        for (event, words) in table {
            let message = try #require(refusal(event))
            #expect(message.contains(words), "\(message)")
        }
    }

    @Test func `data deeper than 64 levels is refused, and at 64 it is not`() throws {
        // Each node is {"node":{"_0":…}}, two levels; the leaf is {"leaf":{}}.
        func tree(_ nodes: Int) -> Wrong {
            .tree((0..<nodes).reduce(Wrong.Tree.leaf) { tree, _ in .node(tree) })
        }
        #expect(try EventCoding().encode(tree(31)).data.isEmpty == false)
        #expect(try #require(refusal(tree(32))).contains("nested deeper than 64 levels"))
        #expect(try #require(refusal(tree(2000))).contains("nested deeper than 64 levels"))
    }

    @Test func `data larger than 1 MiB is refused, and of 1 MiB it is not`() throws {
        let frame = #"{"value":""}"#.utf8.count
        func text(_ bytes: Int) -> Wrong { .text(value: String(repeating: "x", count: bytes - frame)) }
        #expect(try EventCoding().encode(text(1_048_576)).data.count == 1_048_576)
        let error = storeError { _ = try EventCoding().encode(text(1_048_577)) }
        #expect(error?.code == .invalidArgument && error?.argument == "data")
        #expect(error?.message.contains("may have 1048576 bytes") == true)
    }
}

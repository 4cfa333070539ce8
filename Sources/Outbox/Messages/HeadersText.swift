import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Objects of strings as JSON text.
enum HeadersText {
    static func object(of strings: [String: String]) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings encode always.
        return (try? encoder.encode(strings)).map { Array($0) } ?? Array("{}".utf8)
    }

    static func strings(of bytes: [UInt8]) throws(PostgresError) -> [String: String] {
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(bytes))
        } catch {
            throw PostgresError(.decoding, "the headers of a message are not an object of strings: \(error)")
        }
    }
}

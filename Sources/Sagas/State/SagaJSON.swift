#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How the journal writes JSON: sorted keys, plain slashes, dates in ISO 8601 UTC with milliseconds.
enum SagaJSON {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            // The style cuts after the third digit, and a double just below a millisecond would lose it.
            try container.encode(date.addingTimeInterval(0.0001).formatted(dates))
        }
        return try encoder.encode(value)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            if let date = (try? dates.parse(text)) ?? (try? wholeSeconds.parse(text)) { return date.wholeMilliseconds }
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not an ISO 8601 date in UTC."))
        }
        return try decoder.decode(type, from: data)
    }

    private static let dates = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    private static let wholeSeconds = Date.ISO8601FormatStyle()
}

extension Date {
    /// The nearest whole millisecond, so that a date survives its journal unchanged.
    var wholeMilliseconds: Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 * 1000).rounded() / 1000)
    }

    /// This date and a duration, on the next whole millisecond: a due time is never early.
    func adding(_ duration: Duration) -> Date {
        let (seconds, attoseconds) = duration.components
        let interval = Double(seconds) + Double(attoseconds) / 1e18
        return Date(timeIntervalSince1970: ((timeIntervalSince1970 + interval) * 1000).rounded(.up) / 1000)
    }
}

import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One line of the log.
struct LogLine: Sendable {
    var time: Date
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: Logger.Metadata = [:]

    /// An object with `time`, `level`, `logger` and `message`, and the metadata under `fields`, in one line.
    var json: String {
        var parts = [
            "\"time\":\"\(Self.timestamp(time))\"", "\"level\":\"\(level.rawValue)\"",
            "\"logger\":\(Self.string(label))", "\"message\":\(Self.string(message))",
        ]
        if !metadata.isEmpty { parts.append("\"fields\":\(Self.object(metadata))") }
        return "{\(parts.joined(separator: ","))}"
    }

    /// For a person at a terminal: time of day, level, message, and the metadata as `key=value`.
    var text: String {
        let clock = Self.timestamp(time).dropFirst("2026-01-01T".count).prefix("00:00:00.000".count)
        let level = level.rawValue.uppercased()
        let padded = level + String(repeating: " ", count: max(0, 8 - level.count))
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.oneLine("\($0.value)"))" }.joined()
        return "\(clock) \(padded) \(Self.oneLine(message))\(fields)"
    }

    private static func timestamp(_ time: Date) -> String {
        time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private static func oneLine(_ text: String) -> String {
        text.contains(where: \.isNewline) ? text.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ") : text
    }

    private static func object(_ metadata: Logger.Metadata) -> String {
        let members = metadata.sorted { $0.key < $1.key }.map { "\(string($0.key)):\(value($0.value))" }
        return "{\(members.joined(separator: ","))}"
    }

    private static func value(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let value): string(value.description)
        case .dictionary(let metadata): object(metadata)
        case .array(let values): "[\(values.map(Self.value).joined(separator: ","))]"
        }
    }

    /// A JSON string (RFC 8259, section 7).
    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<"\u{20}":
                let code = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

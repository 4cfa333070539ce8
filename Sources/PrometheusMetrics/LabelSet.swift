/// The labels of one series, rendered once: sorted by name, escaped, without the braces.
///
/// Two dimensions whose names become the same are joined with a semicolon, as OpenTelemetry does, rather than dropped.
struct LabelSet: Hashable, Sendable {
    let text: String

    /// The series that takes what goes beyond a metric's limit; the name is OpenTelemetry's.
    static let overflow = LabelSet([("otel.metric.overflow", "true")])

    init(_ dimensions: [(String, String)]) {
        var values: [String: String] = [:]
        for (dimension, value) in dimensions.sorted(by: { $0 < $1 }) {
            let name = MetricName.label(dimension)
            values[name] = values[name].map { "\($0);\(value)" } ?? value
        }
        text = values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    /// The label set in braces, with one label more if given; empty when there is none.
    func braced(with extra: String = "") -> String {
        switch (text.isEmpty, extra.isEmpty) {
        case (true, true): ""
        case (true, false): "{\(extra)}"
        case (false, true): "{\(text)}"
        case (false, false): "{\(text),\(extra)}"
        }
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

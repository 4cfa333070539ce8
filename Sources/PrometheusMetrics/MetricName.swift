/// Turns swift-metrics labels into names that Prometheus accepts, by OpenTelemetry's compatibility rules.
///
/// Dots and everything else outside `[a-zA-Z0-9_:]` become underscores, the unit is added as a suffix, counters end in
/// `_total`. Source: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility".
enum MetricName {
    static func exposed(_ label: String, kind: MetricKind, unit: MetricUnit) -> String {
        var name = sanitised(label, allowingColon: true)
        if kind == .counter, name.hasSuffix("_total") { name.removeLast("_total".count) }
        if !unit.suffix.isEmpty, name != unit.suffix, !name.hasSuffix("_" + unit.suffix) { name += "_" + unit.suffix }
        if kind == .counter { name += "_total" }
        return name
    }

    /// The name of a dimension. Names that begin with `__` are Prometheus's own, and `le` is a histogram's.
    static func label(_ dimension: String) -> String {
        let name = sanitised(dimension, allowingColon: false)
        return name.hasPrefix("__") || name == "le" ? "key_" + name : name
    }

    private static func sanitised(_ text: String, allowingColon: Bool) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count + 1)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
            case "0"..."9":
                if result.isEmpty { result += "_" }
                result.unicodeScalars.append(scalar)
            case ":" where allowingColon: result.unicodeScalars.append(scalar)
            default: result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }
}

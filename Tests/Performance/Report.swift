import Foundation

/// Gathers measurements and compares their medians with the reference.
struct Report {
    /// A line of the result, as it is written to the JSON file.
    struct Row: Codable {
        var name: String
        var parameters: [String: Int]
        /// Nil: it could not be measured here.
        var value: Double?
        var unit: String
        var reference: Double?
        var ratio: Double?
        var bar: Double?
        var met: Bool?
        var p50: Double?
        var p99: Double?
    }

    private var measurements: [Measurement] = []

    mutating func add(_ measurement: Measurement) { measurements.append(measurement) }

    /// The medians over the rounds, then the aims.
    func rows(memory: Double?) -> [Row] {
        let reference = median("pgbench insert", in: [1, 8, 32])
        let appends = median("append", in: [1, 32, 256])
        let best = reference.map(\.perSecond).max() ?? .nan
        var rows = reference.map { Self.row($0, reference: nil, bar: nil) }
        rows += appends.map { Self.row($0, reference: best, bar: $0.callers == 256 ? 2.0 : nil) }
        if let ours = appends.first(where: { $0.callers == 1 })?.p50,
            let theirs = reference.first(where: { $0.callers == 1 })?.p50
        {
            let ratio = ours / theirs
            rows.append(
                Row(
                    name: "append p50", parameters: ["callers": 1], value: ours, unit: "ms", reference: theirs,
                    ratio: ratio,
                    bar: 2.0, met: ratio <= 2.0))
        }
        rows.append(
            Row(
                name: "resident memory, peak", parameters: [:], value: memory, unit: "MiB", bar: 64,
                met: memory.map { $0 < 64 }))
        return rows
    }

    private static func row(_ measurement: Measurement, reference: Double?, bar: Double?) -> Row {
        let ratio = reference.map { measurement.perSecond / $0 }
        var met: Bool?
        if let ratio, let bar { met = ratio >= bar }
        return Row(
            name: measurement.name, parameters: ["callers": measurement.callers], value: measurement.perSecond,
            unit: "per second", reference: reference, ratio: ratio, bar: bar, met: met, p50: measurement.p50,
            p99: measurement.p99)
    }

    private func median(_ name: String, in callers: [Int]) -> [Measurement] {
        callers.compactMap { count in
            let runs = measurements.filter { $0.name == name && $0.callers == count }.sorted {
                $0.perSecond < $1.perSecond
            }
            return runs.isEmpty ? nil : runs[runs.count / 2]
        }
    }

    /// The rows for a person, within 100 columns.
    static func table(_ rows: [Row]) -> String {
        var lines = [line("what", "callers", "value", "unit", "p50 ms", "p99 ms", "ratio", "bar", "")]
        for row in rows {
            lines.append(
                line(
                    row.name, row.parameters["callers"].map { "\($0)" } ?? "", number(row.value), row.unit,
                    number(row.p50),
                    number(row.p99), number(row.ratio), number(row.bar), row.met.map { $0 ? "met" : "NOT MET" } ?? ""))
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ cells: String...) -> String {
        let widths = [22, 7, 10, 10, 7, 7, 6, 5, 8]
        return zip(cells, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return index == 0 || index == 3 || index == 8 ? cell.0 + padding : padding + cell.0
        }.joined(separator: "  ").trimmingCharacters(in: .init(charactersIn: " ")).prefix(110).description
    }

    private static func number(_ value: Double?) -> String {
        guard let value else { return "" }
        return value >= 1000 ? String(format: "%.0f", value) : String(format: value >= 100 ? "%.0f" : "%.2f", value)
    }

    static func write(_ rows: [Row], to path: String) throws {
        let file = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(rows).write(to: file)
    }
}

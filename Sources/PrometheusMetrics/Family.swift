/// All series of one metric, and how many are allowed.
struct Family {
    let name: String
    let kind: MetricKind
    let help: String
    let makeSeries: @Sendable () -> any Series
    private let maximumSeries: Int
    private var series: [LabelSet: Entry] = [:]
    private var overflow: (any Series)?

    private struct Entry {
        let series: any Series
        var users: Int
    }

    init(
        name: String, kind: MetricKind, help: String, maximumSeries: Int,
        makeSeries: @escaping @Sendable () -> any Series
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.maximumSeries = maximumSeries
        self.makeSeries = makeSeries
    }

    /// The series with these labels, made on first use; beyond the limit, the overflow series.
    mutating func series(_ labels: LabelSet) -> (any Series, overflowed: Bool) {
        if let found = series[labels]?.series {
            series[labels]?.users += 1
            return (found, false)
        }
        guard series.count < maximumSeries else {
            let shared = overflow ?? makeSeries()
            overflow = shared
            return (shared, true)
        }
        let made = makeSeries()
        series[labels] = Entry(series: made, users: 1)
        return (made, false)
    }

    /// Forgets a series once all who asked for it have given it back.
    mutating func release(_ gone: any Series) {
        guard let labels = series.first(where: { $0.value.series === gone })?.key else { return }
        series[labels]?.users -= 1
        if series[labels]?.users == 0 { series[labels] = nil }
    }

    func write(to text: inout String) {
        guard !series.isEmpty || overflow != nil else { return }
        text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, entry) in series.sorted(by: { $0.key.text < $1.key.text }) {
            entry.series.write(to: &text, name: name, labels: labels)
        }
        overflow?.write(to: &text, name: name, labels: .overflow)
    }

    private static func escaped(_ help: String) -> String {
        var result = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

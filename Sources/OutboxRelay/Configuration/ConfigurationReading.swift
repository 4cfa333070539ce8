/// Reads typed values out of a resolved configuration and collects everything that is wrong with them.
struct ConfigurationReading {
    private let configuration: ResolvedConfiguration
    private(set) var problems: [ConfigurationProblem] = []

    init(_ configuration: ResolvedConfiguration) {
        self.configuration = configuration
    }

    /// The value as given, nil if there is none.
    func optional(_ setting: Setting) -> String? {
        configuration.values[setting.key]?.text
    }

    /// The value, which must be there.
    mutating func text(_ setting: Setting) -> String {
        if let text = optional(setting), !text.isEmpty { return text }
        problems.append(
            ConfigurationProblem(
                "\(setting.key) is not set; give --\(setting.flag), \(setting.variable), "
                    + "or \(setting.key) in the configuration file"))
        return ""
    }

    mutating func choice(_ setting: Setting) -> String {
        let text = text(setting)
        guard case .choice(let known) = setting.form, !known.contains(text), !text.isEmpty else { return text }
        refuse(
            setting,
            "'\(text)' is none of \(known.joined(separator: ", "))\(Suggestion.question(for: text, among: known))")
        return text
    }

    mutating func integer(_ setting: Setting) -> Int {
        let text = text(setting)
        guard case .integer(let range) = setting.form, !text.isEmpty else { return 0 }
        guard let value = Int(text), range.contains(value) else {
            refuse(setting, "'\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound)")
            return range.lowerBound
        }
        return value
    }

    mutating func duration(_ setting: Setting) -> Duration {
        let text = text(setting)
        guard case .duration(let range) = setting.form, !text.isEmpty else { return .zero }
        do {
            let value = try DurationText.parse(text)
            if range.contains(value) { return value }
            let (low, high) = (DurationText.format(range.lowerBound), DurationText.format(range.upperBound))
            refuse(setting, "'\(text)' is not between \(low) and \(high)")
        } catch {
            refuse(setting, error.description)
        }
        return range.lowerBound
    }

    /// The elements of a list, which commas separate; nil if the list is not set or empty.
    func list(_ setting: Setting) -> [String]? {
        let elements = (optional(setting) ?? "").split(separator: ",").map {
            String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }.filter { !$0.isEmpty }
        return elements.isEmpty ? nil : elements
    }

    mutating func refuse(_ setting: Setting, _ reason: String) {
        let origin = configuration.values[setting.key]?.origin ?? .fallback
        problems.append(ConfigurationProblem("\(setting.key) (\(origin)): \(reason)"))
    }

    /// - Throws: everything that was found.
    func finish() throws(ConfigurationError) {
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    }
}

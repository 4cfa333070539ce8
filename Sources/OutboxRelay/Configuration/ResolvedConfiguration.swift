/// Every setting's value, and where it came from.
struct ResolvedConfiguration: Sendable, Hashable {
    struct Value: Sendable, Hashable {
        let text: String
        let origin: Origin
    }

    enum Origin: Sendable, Hashable, CustomStringConvertible {
        case flag(String)
        case variable(String)
        case secretFile(variable: String, path: String)
        case file(path: String, line: Int)
        case fallback

        var description: String {
            switch self {
            case .flag(let name): "flag --\(name)"
            case .variable(let name): "environment \(name)"
            case .secretFile(let variable, let path): "environment \(variable) (\(path))"
            case .file(let path, let line): "\(path):\(line)"
            case .fallback: "default"
            }
        }
    }

    let settings: [Setting]
    let values: [String: Value]

    /// All values in the form of a configuration file, each with its origin in a comment. Secrets are masked.
    var printed: String {
        let rows = settings.map { setting in
            guard let value = values[setting.key] else { return ("# \(setting.key) =", "not set") }
            let shown = ConfigurationFile.written(Masking.shown(value.text, setting.secrecy))
            return ("\(setting.key) = \(shown)", value.origin.description)
        }
        let width = min(rows.map(\.0.count).max() ?? 0, 60)
        return rows.map { left, origin in
            left + String(repeating: " ", count: max(0, width - left.count)) + "  # \(origin)\n"
        }.joined()
    }
}

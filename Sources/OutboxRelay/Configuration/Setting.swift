/// One thing that can be configured: its name in every place where it may be given, its form, and its default.
struct Setting: Sendable, Hashable {
    /// The name in the file, such as `lease.duration`. The flag and the variable are made from it.
    let key: String
    let form: Form
    /// The default, written as a user would write it; nil where there is none and the setting must be given or is optional.
    let fallback: String?
    /// Whether its value must never be printed.
    let secrecy: Secrecy
    /// Variables that are read when nothing else gives a value: conventions that other programs share.
    let conventions: [String]
    let help: String

    /// How a value is written.
    enum Form: Sendable, Hashable {
        case text
        case url
        case integer(ClosedRange<Int>)
        case duration(ClosedRange<Duration>)
        case choice([String])
        case list

        /// What stands for a value in the help.
        var valueName: String {
            switch self {
            case .text: "text"
            case .url: "url"
            case .integer: "count"
            case .duration: "duration"
            case .choice(let known): known.count <= 3 ? known.joined(separator: "|") : "level"
            case .list: "name,…"
            }
        }
    }

    /// What of a value may be shown.
    enum Secrecy: Sendable, Hashable {
        case open
        /// A connection string: all but its password.
        case password
        /// A URL: all but who logs in and the query, which may hold a token.
        case address
        case secret
    }

    init(
        _ key: String, _ form: Form, default fallback: String? = nil, secrecy: Secrecy = .open,
        conventions: [String] = [], help: String
    ) {
        self.key = key
        self.form = form
        self.fallback = fallback
        self.secrecy = secrecy
        self.conventions = conventions
        self.help = help
    }

    static let variablePrefix = "SKALD_RELAY_"

    /// The environment variable, such as `SKALD_RELAY_LEASE_DURATION`.
    var variable: String {
        Self.variablePrefix + key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
    }

    /// The variable that names a file to read the value from, for what should not stand in an environment.
    var fileVariable: String? {
        switch secrecy {
        case .open, .address: nil
        case .password, .secret: variable + "_FILE"
        }
    }

    /// The flag without its dashes, such as `lease-duration`.
    var flag: String { key.replacing(".", with: "-") }
}

/// Hides what must not be printed of a configured value.
enum Masking {
    static let blot = "***"

    static func shown(_ value: String, _ secrecy: Setting.Secrecy) -> String {
        switch secrecy {
        case .open: value
        case .secret: value.isEmpty ? value : blot
        case .password: connectionString(value)
        case .address: address(value)
        }
    }

    /// A URL without who logs in, and without its query.
    static func address(_ text: String) -> String {
        var text = text
        if let query = text.firstIndex(of: "?") { text.replaceSubrange(text.index(after: query)..., with: blot) }
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        // A password may hold '@' and '/' though it should not: everything up to the last '@' counts.
        if let at = text[start...].lastIndex(of: "@") { text.replaceSubrange(start..<at, with: blot) }
        return text
    }

    /// A connection string in libpq's URI or keyword form without its passwords. What is in neither form is hidden whole.
    static func connectionString(_ text: String) -> String {
        if text.isEmpty { return text }
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") { return uri(text) }
        return text.contains("=") ? keywords(text) : blot
    }

    private static func uri(_ text: String) -> String {
        var text = text.replacing(/[?&](password|sslpassword)=[^&]*/) {
            "\($0.output.0.first ?? "?")\($0.output.1)=\(blot)"
        }
        guard let scheme = text.firstRange(of: "://") else { return blot }
        // A password may hold '@' and '/' though it should not: everything up to the last '@' before the query counts.
        let end = text.firstIndex(of: "?") ?? text.endIndex
        guard let at = text[scheme.upperBound..<end].lastIndex(of: "@"),
            let colon = text[scheme.upperBound..<at].firstIndex(of: ":")
        else { return text }
        text.replaceSubrange(text.index(after: colon)..<at, with: blot)
        return text
    }

    private static func keywords(_ text: String) -> String {
        text.replacing(/(password|sslpassword)\s*=\s*('(?:[^'\\]|\\.)*'?|\S*)/) { "\($0.output.1)=\(blot)" }
    }
}

/// The one rule that all names in the log obey, so that every store and the SQL functions refuse the same ones.
enum NameRules {
    /// Says in words what is wrong with a name, or nil if it is good.
    ///
    /// The limit is in bytes of UTF-8. Control characters are U+0000 to U+001F and U+007F to U+009F.
    static func flaw(in name: String, what: String, limit: Int) -> String? {
        let length = name.utf8.count
        if length == 0 { return "\(what) must have 1 to \(limit) bytes of UTF-8; this one is empty" }
        if length > limit { return "\(what) must have 1 to \(limit) bytes of UTF-8; this one has \(length)" }
        if hasControlCharacter(name) { return "\(what) must not contain control characters" }
        return nil
    }

    private static func hasControlCharacter(_ name: String) -> Bool {
        var afterC2 = false
        for byte in name.utf8 {
            // U+0080 to U+009F are C2 80 to C2 9F in UTF-8.
            if byte < 0x20 || byte == 0x7F || (afterC2 && byte < 0xA0) { return true }
            afterC2 = byte == 0xC2
        }
        return false
    }
}

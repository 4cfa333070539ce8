/// JSON as text in UTF-8: what reads it and what writes it in canonical form.
enum JSONText {
    /// Why a text cannot be taken, as the end of a sentence that begins with what it is.
    struct Flaw: Error, Equatable {
        let reason: String
    }

    /// Reads a text.
    static func parse(_ bytes: [UInt8]) throws(Flaw) -> JSONValue {
        var parser = JSONParser(bytes)
        return try parser.parseDocument()
    }

    /// Reads a text and writes it in canonical form.
    static func canonical(_ bytes: [UInt8]) throws(Flaw) -> [UInt8] {
        if CanonicalJSON.isKnown(bytes) { return bytes }
        return try write(parse(bytes), reserving: bytes.count)
    }

    /// Writes a value in canonical form: names sorted by bytes, no white space, only what must be escaped is escaped.
    static func write(_ value: JSONValue, reserving capacity: Int = 128) throws(Flaw) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        try writer.write(value)
        return writer.bytes
    }
}

/// A statement with its values: `"select name from seats where id = \(id)"`.
///
/// Whatever is interpolated becomes a bound parameter and never part of the text, so that no value can change what the
/// statement does. What must be part of the text is spelled out:
///
/// - `\(fragment)` of type `SQL` puts another statement's text in, with its parameters renumbered;
/// - `\(identifier: name)` puts in a name, quoted;
/// - `\(unescaped: text)` puts in text as it is: never use it with anything that comes from outside.
public struct SQL: Sendable {
    /// The text, with `$1`, `$2`, … where the values belong.
    public private(set) var text: String

    /// The values, the first one being `$1`.
    public private(set) var binds: [PostgresBind]

    /// Why the text is not valid, such as an identifier that cannot be one. Thrown when the statement is sent.
    private var refusal: PostgresError?

    /// Whether the text so far ends with a parameter that was added to it.
    private var endsWithParameter = false

    /// Text as it is, which says `$1`, `$2`, … itself where values belong.
    public init(unescaped text: String, binds: [PostgresBind] = []) {
        self.text = text
        self.binds = binds
    }

    /// An empty statement with room for what a literal is about to add.
    init(literalCapacity: Int, interpolationCount: Int) {
        text = ""
        text.reserveCapacity(literalCapacity + 3 * interpolationCount)
        binds = []
        binds.reserveCapacity(interpolationCount)
    }

    /// Adds text as it is. A digit right behind a parameter would make another number of it, so a blank goes between.
    mutating func append(unescaped text: String) {
        if endsWithParameter, let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
            self.text += " "
        }
        if !text.isEmpty { endsWithParameter = false }
        self.text += text
    }

    /// Adds a parameter. Right behind a name it would be taken for a part of the name, so a blank goes between.
    mutating func append(_ bind: PostgresBind) {
        if let last = text.utf8.last, last.isSQLWordPart { text += " " }
        binds.append(bind)
        text += "$"
        text += String(binds.count)
        endsWithParameter = true
    }

    /// Adds another statement, its parameters renumbered.
    mutating func append(_ fragment: SQL) {
        append(unescaped: Placeholders.renumber(fragment.text, by: fragment.binds.isEmpty ? 0 : binds.count))
        endsWithParameter = fragment.endsWithParameter
        binds += fragment.binds
        refusal = refusal ?? fragment.refusal
    }

    /// Adds a quoted name.
    mutating func append(identifier: String) {
        do {
            text += try Identifier.quoted(identifier)
        } catch {
            refusal = refusal ?? error
        }
    }
}

extension SQL: Hashable {
    /// Statements are equal when text and values are.
    public static func == (a: SQL, b: SQL) -> Bool {
        a.text == b.text && a.binds == b.binds && a.refusal?.message == b.refusal?.message
    }

    /// Hashes text and values.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(text)
        hasher.combine(binds)
    }
}

extension SQL {
    /// The most parameters that the protocol has room for.
    static let maximumBinds = 65_535

    /// The most bytes that the server takes in one message, less room for the message's own fields.
    static let maximumBytes = 0x3fff_ffff - 1_048_576

    /// Throws what stands in the way of sending the statement.
    ///
    /// The client calls it before anything is sent. Errors of code `encoding` name the parameter; those of code
    /// `invalidArgument` are about the text or the number of parameters.
    public func validated() throws(PostgresError) {
        if let refusal { throw refusal.naming(statement: text) }
        guard binds.count <= Self.maximumBinds else {
            throw PostgresError(
                .invalidArgument, "the statement has \(binds.count) parameters; the protocol has room for 65535",
                hint: "Bind arrays and use unnest.", outcome: .failed
            ).naming(statement: text)
        }
        var total = 0
        for (index, bind) in binds.enumerated() {
            if let error = bind.error {
                throw PostgresError(
                    error.code, "parameter $\(index + 1) (\(bind.type.name)): \(error.message)", hint: error.hint,
                    outcome: .failed, underlying: error.underlying
                ).naming(statement: text)
            }
            total += bind.bytes?.count ?? 0
        }
        guard total + text.utf8.count <= Self.maximumBytes else {
            throw PostgresError(
                .invalidArgument, "the statement and its values are \(total + text.utf8.count) bytes long",
                hint: "PostgreSQL takes less than 1 GiB in one message. Send several, or use COPY.", outcome: .failed
            ).naming(statement: text)
        }
        let hasNUL = text.utf8.withContiguousStorageIfAvailable { Scan.hasNUL(UnsafeRawBufferPointer($0)) }
        guard !(hasNUL ?? text.utf8.contains(0)) else {
            throw PostgresError(.invalidArgument, "the statement's text has a NUL in it", outcome: .failed)
        }
    }
}

/// A JSON value as data. Used for metadata and for events that are kept raw.
public enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number, kept exactly as it was written.
    case number(JSONNumber)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)
}

extension JSONValue {
    /// The string, if it is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The integer, if it is a number with an integer value that fits.
    public var integer: Int64? { if case .number(let value) = self { value.integer() } else { nil } }

    /// The truth value, if it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The object, if it is one.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The array, if it is one.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    /// The member of an object, if it is one and has it.
    public subscript(name: String) -> JSONValue? { object?[name] }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Takes what stands in the program as it is.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Takes a number that stands in the program.
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    /// Takes what stands in the program as it is.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Takes what stands in the program as it is.
    public init(nilLiteral: ()) { self = .null }
    /// Takes what stands in the program as it is.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Takes what stands in the program as it is.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONObject.Member($0.0, $0.1) }))
    }
}

extension JSONValue {
    /// Reads JSON text in UTF-8.
    ///
    /// - Throws: `invalidArgument` if it is not JSON, or JSON that the log cannot hold: deeper than 64 levels, a
    ///   U+0000, a name twice in one object.
    public init(parsing text: some Collection<UInt8>) throws(EventStoreError) {
        do throws(JSONText.Flaw) {
            self = try JSONText.parse(Array(text))
        } catch {
            throw .invalidArgument("json", "the text \(error.reason)")
        }
    }

    /// The value as canonical JSON text in UTF-8: names sorted by their bytes, no white space.
    ///
    /// - Throws: `invalidArgument` if the log cannot hold it.
    public func canonicalText() throws(EventStoreError) -> [UInt8] {
        do throws(JSONText.Flaw) {
            return try JSONText.write(self)
        } catch {
            throw .invalidArgument("json", "the value \(error.reason)")
        }
    }
}

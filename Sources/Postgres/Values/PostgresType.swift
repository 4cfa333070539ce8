/// A data type of PostgreSQL: its object id, its name, and the id of the array type over it.
public struct PostgresType: Sendable, Hashable, CustomStringConvertible {
    /// The object id in `pg_type`; 0 leaves it to the server to infer the type from the statement.
    public let oid: UInt32

    /// The object id of the type's array; 0 where it is not known, and for array types.
    public let arrayOID: UInt32

    private let scalarName: String
    private let isArray: Bool

    /// A type of your own, such as an enum, whose ids belong to one database.
    ///
    /// - Parameters:
    ///   - name: The name that errors show.
    ///   - oid: The object id; 0 leaves it to the server to infer the type from the statement.
    ///   - arrayOID: The object id of the array over it; without it, arrays of the type cannot be bound.
    public init(name: String, oid: UInt32 = 0, arrayOID: UInt32 = 0) {
        self.init(oid: oid, arrayOID: arrayOID, scalarName: name, isArray: false)
    }

    private init(oid: UInt32, arrayOID: UInt32, scalarName: String, isArray: Bool) {
        self.oid = oid
        self.arrayOID = arrayOID
        self.scalarName = scalarName
        self.isArray = isArray
    }

    /// The name as PostgreSQL writes it, such as `int8` or `text[]`.
    public var name: String { isArray ? scalarName + "[]" : scalarName }

    /// The array type over this one.
    public var array: PostgresType {
        PostgresType(oid: arrayOID, arrayOID: 0, scalarName: scalarName, isArray: true)
    }

    /// The name as PostgreSQL writes it.
    public var description: String { name }

    /// Types are the same when their ids are; without ids, when their names are.
    public static func == (a: PostgresType, b: PostgresType) -> Bool {
        a.oid == b.oid && (a.oid != 0 || a.name == b.name)
    }

    /// Hashes the id.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(oid)
    }
}

// The ids are fixed for ever in PostgreSQL's catalog (src/include/catalog/pg_type.dat).
extension PostgresType {
    /// `boolean`.
    public static var bool: PostgresType { PostgresType(name: "bool", oid: 16, arrayOID: 1000) }
    /// Bytes.
    public static var bytea: PostgresType { PostgresType(name: "bytea", oid: 17, arrayOID: 1001) }
    /// One byte, in the system catalogs.
    public static var char: PostgresType { PostgresType(name: "\"char\"", oid: 18, arrayOID: 1002) }
    /// A name in the system catalogs, of up to 63 bytes.
    public static var name: PostgresType { PostgresType(name: "name", oid: 19, arrayOID: 1003) }
    /// `bigint`.
    public static var int8: PostgresType { PostgresType(name: "int8", oid: 20, arrayOID: 1016) }
    /// `smallint`.
    public static var int2: PostgresType { PostgresType(name: "int2", oid: 21, arrayOID: 1005) }
    /// `integer`.
    public static var int4: PostgresType { PostgresType(name: "int4", oid: 23, arrayOID: 1007) }
    /// Text of any length.
    public static var text: PostgresType { PostgresType(name: "text", oid: 25, arrayOID: 1009) }
    /// An object id.
    public static var oid: PostgresType { PostgresType(name: "oid", oid: 26, arrayOID: 1028) }
    /// JSON kept as text.
    public static var json: PostgresType { PostgresType(name: "json", oid: 114, arrayOID: 199) }
    /// XML.
    public static var xml: PostgresType { PostgresType(name: "xml", oid: 142, arrayOID: 143) }
    /// `real`.
    public static var float4: PostgresType { PostgresType(name: "float4", oid: 700, arrayOID: 1021) }
    /// `double precision`.
    public static var float8: PostgresType { PostgresType(name: "float8", oid: 701, arrayOID: 1022) }
    /// What a literal is before its type is known.
    public static var unknown: PostgresType { PostgresType(name: "unknown", oid: 705) }
    /// `character(n)`, padded with blanks.
    public static var bpchar: PostgresType { PostgresType(name: "bpchar", oid: 1042, arrayOID: 1014) }
    /// `character varying`.
    public static var varchar: PostgresType { PostgresType(name: "varchar", oid: 1043, arrayOID: 1015) }
    /// A calendar date.
    public static var date: PostgresType { PostgresType(name: "date", oid: 1082, arrayOID: 1182) }
    /// `timestamp without time zone`.
    public static var timestamp: PostgresType { PostgresType(name: "timestamp", oid: 1114, arrayOID: 1115) }
    /// `timestamp with time zone`: an instant.
    public static var timestamptz: PostgresType { PostgresType(name: "timestamptz", oid: 1184, arrayOID: 1185) }
    /// Exact decimals.
    public static var numeric: PostgresType { PostgresType(name: "numeric", oid: 1700, arrayOID: 1231) }
    /// What a function without a result returns.
    public static var void: PostgresType { PostgresType(name: "void", oid: 2278) }
    /// A UUID.
    public static var uuid: PostgresType { PostgresType(name: "uuid", oid: 2950, arrayOID: 2951) }
    /// JSON in its parsed form.
    public static var jsonb: PostgresType { PostgresType(name: "jsonb", oid: 3802, arrayOID: 3807) }

    private static let known: [UInt32: PostgresType] = {
        let scalars: [PostgresType] = [
            bool, bytea, char, name, int8, int2, int4, text, oid, json, xml, float4, float8, unknown, bpchar, varchar,
            date, timestamp, timestamptz, numeric, void, uuid, jsonb,
        ]
        var table: [UInt32: PostgresType] = [:]
        for type in scalars {
            table[type.oid] = type
            if type.arrayOID != 0 { table[type.arrayOID] = type.array }
        }
        return table
    }()

    /// Whether a type is an array; nil where the id is not one of those above.
    static func isArray(oid: UInt32) -> Bool? { known[oid]?.isArray }

    /// The type with an id: one of those above, or one that is named after its id.
    static func of(oid: UInt32) -> PostgresType {
        known[oid] ?? PostgresType(name: "type with oid \(oid)", oid: oid)
    }
}

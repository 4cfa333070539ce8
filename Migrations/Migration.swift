/// A numbered step of the database schema: one SQL file, embedded in the binary as it stands.
///
/// Files are called `NNNN_name.sql`. A file that was released is never edited: what it says is changed by the next one.
/// Each also runs in psql, in one transaction: `psql --single-transaction -v ON_ERROR_STOP=1 -f Migrations/0001_log.sql`.
/// They are written for the schema `skald` and the roles `skald_owner`, `skald_writer`, … ; for another schema every
/// lower-case `skald` is replaced, so in these files the lower-case word stands for nothing else.
public struct Migration: Sendable, Hashable, Identifiable {
    /// The place in the order, from 1 on, without holes.
    public let number: Int
    /// What stands between the number and `.sql` in the file's name.
    public let name: String
    /// The file's text, for the schema `skald`.
    public let sql: String
    /// SHA-256 of the text in lower-case hexadecimal digits: that of the file, whatever schema it is applied to.
    public let checksum: String

    /// The number again.
    public var id: Int { number }
    /// The file's name, as `0001_log.sql`.
    public var fileName: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_\(name).sql"
    }

    /// Makes a migration of your own, for instance in a test; the checksum is computed.
    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
        self.checksum = SHA256.hexadecimal(of: sql)
    }

    /// Reads number and name from a file name; nil where it is not of the form `NNNN_name.sql`.
    public init?(fileName: String, sql: String) {
        guard fileName.hasSuffix(".sql"), let underscore = fileName.firstIndex(of: "_"),
            fileName[..<underscore].utf8.count == 4, let number = Int(fileName[..<underscore]), number > 0
        else { return nil }
        let name = fileName[fileName.index(after: underscore)...].dropLast(".sql".count)
        guard !name.isEmpty else { return nil }
        self.init(number: number, name: String(name), sql: sql)
    }

    /// Every migration this program knows, in order.
    public static let all: [Migration] = EmbeddedSQL.files.map { file in
        guard let migration = Migration(fileName: file.name, sql: file.text) else {
            preconditionFailure("Migrations/\(file.name) must be called NNNN_name.sql, as in 0001_log.sql")
        }
        return migration
    }
}

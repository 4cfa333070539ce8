import Postgres
import Testing

@Suite("Numeric")
struct NumericTests {
    /// Bytes as PostgreSQL 15's `numeric_send` writes them.
    @Test(arguments: [
        ("0", "0000 0000 0000 0000"), ("0.00", "0000 0000 0000 0002"), ("1", "0001 0000 0000 0000 0001"),
        ("-1", "0001 0000 4000 0000 0001"), ("10000", "0001 0001 0000 0000 0001"),
        ("9999", "0001 0000 0000 0000 270f"), ("100000000", "0001 0002 0000 0000 0001"),
        ("0.0001", "0001 ffff 0000 0004 0001"), ("0.00001", "0001 fffe 0000 0005 03e8"),
        ("-12.340", "0002 0000 4000 0003 000c 0d48"), ("12345.6789", "0003 0001 0000 0004 0001 0929 1a85"),
        ("1000000000000000000000000000000", "0001 0007 0000 0000 0064"),
        ("0.00000000000000000001", "0001 fffb 0000 0014 0001"), ("0.1000", "0001 ffff 0000 0004 03e8"),
        ("1000.0", "0001 0000 0000 0001 03e8"), ("NaN", "0000 0000 c000 0000"),
        (
            "123456789012345678901234567890.12345",
            "000a 0007 0000 0005 000c 0d80 1ed2 04d2 162e 2334 0d80 1ed2 04d2 1388"
        ),
    ])
    func `a number has the bytes that the server sends`(text: String, bytes: String) throws {
        let number = try #require(PostgresNumeric(text))
        #expect(number.text == text)
        #expect(try encoded(number) == hex(bytes))
        #expect(try PostgresCell(hex(bytes), type: .numeric).decode(PostgresNumeric.self) == number)
    }

    @Test(arguments: [("Infinity", "0000 0000 d000 0020"), ("-Infinity", "0000 0000 f000 0020")])
    func `infinities are read as the server sends them`(text: String, bytes: String) throws {
        #expect(try PostgresCell(hex(bytes), type: .numeric).decode(PostgresNumeric.self).text == text)
        #expect(try roundTrip(try #require(PostgresNumeric(text))).text == text)
    }

    @Test(arguments: [
        ("+007.50", "7.50"), ("-0.0", "0.0"), ("-0", "0"), (".5", "0.5"), ("5.", "5"), ("1e3", "1000"),
        ("1.5e1", "15"), ("1.50e1", "15.0"), ("1e-3", "0.001"), ("-12.5E-2", "-0.125"), ("1E+2", "100"),
        ("0e5", "0"), ("00000.10", "0.10"),
    ])
    func `other spellings become the plain one`(text: String, plain: String) throws {
        #expect(PostgresNumeric(text)?.text == plain)
    }

    @Test(arguments: [
        "", "-", ".", "e5", "1e", "1e+", "1.2.3", "1 ", " 1", "0x10", "1_000", "nan", "inf", "--1", "1e9999999", "١",
        "1e131073", "1e-16384",
    ])
    func `what is not a number is refused`(text: String) {
        #expect(PostgresNumeric(text) == nil)
    }

    @Test func `the longest numbers come back digit by digit`() throws {
        let longest = String(repeating: "9", count: 131_072) + "." + String(repeating: "9", count: 16_383)
        let number = try #require(PostgresNumeric("-" + longest))
        #expect(try roundTrip(number).text == "-" + longest)
        #expect(PostgresNumeric("9" + longest) == nil)
        #expect(PostgresNumeric(longest + "9") == nil)
        #expect(PostgresNumeric("1e131071")?.text.count == 131_072)
    }

    @Test func `whole numbers of any width`() {
        #expect(PostgresNumeric(Int64.min).text == "-9223372036854775808")
        #expect(PostgresNumeric(UInt64.max).text == "18446744073709551615")
    }

    @Test(arguments: [
        "", "0001 0000 0000 0000", "0001 0000 0000 0000 0001 00", "ffff 0000 0000 0000", "0000 0000 1234 0000",
        "0001 0000 0000 0000 2710", "0001 0000 0000 0000 ffff", "0000 0000 0000 4000",
    ])
    func `bytes that are not a number are refused`(bytes: String) throws {
        let error = try postgresError {
            _ = try PostgresCell(hex(bytes), type: .numeric).decode(PostgresNumeric.self)
        }
        #expect(error.message.contains("are not the binary form"))
    }
}

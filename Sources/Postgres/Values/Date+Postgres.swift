#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Date: PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
    /// `timestamptz`.
    public static var postgresType: PostgresType { .timestamptz }

    /// Writes the instant to the nearest microsecond, which is what PostgreSQL keeps.
    ///
    /// Throws an error of code `encoding` where the date is infinite, not a number, or out of PostgreSQL's range of 4714 BC
    /// (November 24) to the end of the year 294276.
    public func encode(into buffer: inout PostgresBuffer) throws(PostgresError) {
        guard let microseconds = Timestamp.microseconds(of: timeIntervalSinceReferenceDate) else {
            throw PostgresError(
                .encoding, "the date is not one of PostgreSQL's timestamptz",
                hint: "It takes instants from 4714 BC to the year 294276; bind null for no date.")
        }
        buffer.write(microseconds)
    }

    /// Reads `timestamptz`, exactly to the microsecond between the years 1729 and 2272; beyond these Swift's `Date` itself
    /// is coarser.
    ///
    /// Throws an error of code `decoding` for `infinity` and `-infinity`, which no date can stand for.
    public init(from cell: PostgresCell) throws(PostgresError) {
        let microseconds = try cell.withBytes { (bytes) throws(PostgresError) -> Int64 in
            guard let bytes else { throw cell.nullError(Date.self) }
            guard cell.typeOID == 1184, !cell.isText else {
                throw cell.typeError(Date.self, accepted: "timestamptz, because other types do not name an instant")
            }
            guard bytes.count == 8 else { throw cell.malformed(Date.self) }
            return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        }
        guard microseconds != .max, microseconds != .min else {
            throw cell.error(
                Date.self, "it is \(microseconds > 0 ? "" : "-")infinity",
                hint: "Select nullif(…, 'infinity') and decode Date?, or keep infinity out by a check.")
        }
        self.init(timeIntervalSinceReferenceDate: Timestamp.seconds(of: microseconds))
    }
}

/// PostgreSQL counts microseconds from the year 2000, Swift seconds from 2001. Source: `datatype/timestamp.h`.
enum Timestamp {
    /// From 2000-01-01 to 2001-01-01: a leap year.
    private static let secondsBetweenEpochs: Int64 = 366 * 86_400
    private static let range: ClosedRange<Int64> = -211_813_488_000_000_000...9_223_371_331_199_999_999

    /// Whole seconds and fraction are taken apart first, so that the fraction is rounded once and not twice.
    static func microseconds(of seconds: Double) -> Int64? {
        let whole = seconds.rounded(.down)
        guard whole.isFinite, abs(whole) < 1e13 else { return nil }
        let fraction = Int64(((seconds - whole) * 1_000_000).rounded())
        let (scaled, isTooFar) = (Int64(whole) + secondsBetweenEpochs).multipliedReportingOverflow(by: 1_000_000)
        let (microseconds, isTooLate) = scaled.addingReportingOverflow(fraction)
        return !isTooFar && !isTooLate && range.contains(microseconds) ? microseconds : nil
    }

    static func seconds(of microseconds: Int64) -> Double {
        let (whole, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return Double(whole - secondsBetweenEpochs) + Double(fraction) / 1_000_000
    }
}

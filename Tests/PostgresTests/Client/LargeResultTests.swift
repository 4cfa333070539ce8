import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite
struct LargeResultTests {
    /// The pages that the process has in memory, from `/proc/self/statm`, in bytes; nil where there is no such file.
    static func residentBytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * 4096 } : nil
    }

    /// In a process of its own, because the other suites take memory meanwhile.
    @Test func `a result of 100 MB is read row by row in bounded memory`() async throws {
        await #expect(processExitsWith: .success) {
            try await TestServer.withClient { client in
                try await client.withConnection { connection in
                    let before = LargeResultTests.residentBytes() ?? 0
                    var (bytes, peak, rows) = (0, 0, 0)
                    let stream = try await connection.stream(
                        "select repeat('x', 10000) from generate_series(1, 10500)", patience: .seconds(60))
                    for try await row in stream {
                        bytes += try row.decode(String.self).utf8.count
                        rows += 1
                        if rows % 100 == 0 { peak = max(peak, LargeResultTests.residentBytes() ?? 0) }
                    }
                    precondition(bytes == 105_000_000, "\(bytes) bytes came")
                    // A megabyte waits for the caller, and libpq and the allocator take some; collected it would be 105.
                    precondition(peak - before < 16_000_000, "memory grew by \(peak - before) bytes")
                }
            }
        }
    }

    @Test func `a reader that stands still holds the server up, not the memory`() async throws {
        try await TestServer.withClient { client in
            try await client.withConnection { connection in
                let stream = try await connection.stream(
                    "select repeat('x', 10000) from generate_series(1, 10500)", patience: .seconds(60))
                var iterator = stream.makeAsyncIterator()
                _ = try await iterator.next()
                // The backend waits to write: so the socket is full, and nobody reads it.
                let pid = connection.backendPID
                let isHeldUp = try await eventually {
                    try await client.number(
                        "select count(*) from pg_stat_activity where pid = \(pid) and wait_event = 'ClientWrite'") == 1
                }
                #expect(isHeldUp)
                var rows = 1
                while try await iterator.next() != nil { rows += 1 }
                #expect(rows == 10_500)
            }
        }
    }
}

import Foundation
import Postgres

/// Ends and stops the writers' backends at any moment, also in the middle of a commit.
struct Disturber {
    /// As the owner: the writers' own role may not.
    let client: PostgresClient
    let journal: Journal

    func run() async throws {
        while !journal.isOver {
            let row = try await client.query(
                """
                select pid, pg_sleep(random() * 0.02)::text from pg_stat_activity
                 where application_name = 'hostile' and state <> 'idle' order by random() limit 1
                """
            ).first
            guard let pid: Int32 = try row?.decode("pid") else { continue }
            if Int.random(in: 0..<8) == 0 {
                try await client.execute("select pg_terminate_backend(\(pid))")
            } else {
                try await stop(pid)
            }
        }
    }

    /// The pause is short, and this process keeps it: the backend may hold what all others need, so who asks the server for
    /// anything meanwhile may wait for the stopped backend, and never come to wake it.
    private func stop(_ pid: Int32) async throws {
        kill(pid, SIGSTOP)
        defer { kill(pid, SIGCONT) }
        try await Task.sleep(for: .milliseconds(Double.random(in: 0...20)))
    }
}

import Dispatch
import Foundation
import Postgres
import Sagas

/// Whom an errand calls. It writes down every call, and keeps the effect of each key once. A call of the step `held` waits
/// for a file to be there, whatever becomes of its task: as one that has been sent out and can't be called back.
struct Neighbour: Sendable {
    let process: String
    let gate: String
    let client: PostgresClient

    @Sendable func act(_ run: Run<Errand.State>) async throws -> Int {
        try await client.execute(
            """
            insert into calls (key, step, attempt, process) values (\(run.key.rawValue), \(run.step.rawValue), \
            \(Int64(run.attempt)), \(process))
            """)
        if run.step == "held" {
            while !FileManager.default.fileExists(atPath: gate) { await Self.pause() }
            say("through \(run.key)")
        }
        try await client.execute("insert into effects (key) values (\(run.key.rawValue)) on conflict do nothing")
        return 1
    }

    private static func pause() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(5)) { continuation.resume() }
        }
    }
}

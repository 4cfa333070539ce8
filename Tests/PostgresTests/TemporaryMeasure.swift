import Foundation
import Postgres
import Testing

@Suite(.serialized) struct TemporaryMeasure {
    @Test(arguments: [true, false, true, false]) func measure(_ pooler: Bool) async throws {
        try await TestServer.withClient({
            $0.usesTransactionPooler = pooler
            $0.preparedStatements = 0
            $0.maximumExclusiveConnections = 4
        }) { client in
            try await client.execute("create table t (a int8)")
            for writes in [false, true] {
                for width in [1, 4, 16] {
                    let count = 4000 / (writes ? 4 : 1)
                    let start = ContinuousClock.now
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<width {
                            group.addTask {
                                for _ in 0..<(count / width) {
                                    try await client.withTransaction { tx in
                                        if writes { try await tx.execute("insert into t values (1)") }
                                        else { try await tx.query("select 1") }
                                    }
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    print("MEASURE reset=\(!pooler) writes=\(writes) width=\(width) \((ContinuousClock.now - start) / count)")
                }
            }
        }
    }
}

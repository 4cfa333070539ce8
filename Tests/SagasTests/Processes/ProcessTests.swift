import Foundation
import Sagas
import SkaldTesting
import Testing

@testable import SagaProgram

/// SG4, X1, X2, X3, X4 with real processes: one that runs sagas is killed, or stopped for longer than its leases, in the
/// middle of its calls, and another takes over.
@Suite struct ProcessTests {
    private static let count = 12

    @Test func `SG4, X1: a process is killed in the middle of its calls, and another one ends its sagas`() async throws
    {
        try await Street.with { street in
            let first = try street.process("first", isOpen: false)
            try await street.start(0..<Self.count)
            try await eventually("it is in the middle of its calls") {
                try await street.held(by: "first") == Self.count
            }
            first.send(SIGKILL)
            #expect(try await first.end() == -SIGKILL)
            let second = try street.process("second", isOpen: true)
            try await street.allComplete(Self.count)
            second.send(SIGTERM)
            #expect(try await second.end() == 0)
            try await street.expectEachOnce(Self.count, takenOver: Self.count)
        }
    }

    @Test
    func
        `SG4, X2, X3, X4: a process that is stopped past its leases wakes up, does no harm, and takes its part again`()
        async throws
    {
        try await Street.with { street in
            let first = try street.process("first", isOpen: false)
            try await street.start(0..<Self.count)
            try await eventually("it is in the middle of its calls") {
                try await street.held(by: "first") == Self.count
            }
            first.send(SIGSTOP)
            let second = try street.process("second", isOpen: true)
            try await street.allComplete(Self.count)
            let before = try await street.histories()

            // All of its calls end at the moment it wakes up, with success.
            try street.open("first")
            first.send(SIGCONT)
            try await eventually("its calls have ended") {
                first.outputText.split(separator: "\n").count { $0.hasPrefix("through") } == Self.count
            }
            try await eventually("it has leases again") { try await street.owners() == 2 }
            #expect(try await street.histories() == before, "SG4: it has written nothing to what another has ended")
            try await street.expectEachOnce(Self.count, takenOver: Self.count)

            try await street.start(Self.count..<Self.count * 3)
            try await street.allComplete(Self.count * 3)
            for process in [first, second] {
                process.send(SIGTERM)
                #expect(try await process.end() == 0)
            }
            #expect(try await street.owners() == 0, "X4: nothing is left to be waited for")
            try await street.expectEachOnce(Self.count * 3, takenOver: Self.count)
        }
    }
}

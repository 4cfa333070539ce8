import Testing

@testable import EmbeddedPostgres

@Suite struct `Server state` {
    typealias Row = (
        before: [ServerState.Event], event: ServerState.Event, after: ServerState.Phase, does: [ServerState.Action]
    )

    static let table: [Row] = [
        ([], .start, .running, []),
        ([], .restart, .running, [.shutDown, .launch]),
        ([], .kill, .down, [.killAll]),
        ([], .pause, .paused, [.freeze]),
        ([], .resume, .running, []),
        ([], .stop, .stopped, [.shutDown, .cleanUp]),
        ([.pause], .restart, .running, [.thaw, .shutDown, .launch]),
        ([.pause], .kill, .down, [.killAll]),
        ([.pause], .pause, .paused, []),
        ([.pause], .resume, .running, [.thaw]),
        ([.pause], .stop, .stopped, [.thaw, .shutDown, .cleanUp]),
        ([.kill], .start, .running, [.launch]),
        ([.kill], .restart, .running, [.launch]),
        ([.kill], .kill, .down, []),
        ([.kill], .stop, .stopped, [.cleanUp]),
        ([.stop], .stop, .stopped, []),
    ]

    @Test(arguments: table) func `each operation does what its state asks for`(row: Row) throws {
        var state = ServerState()
        for event in row.before { _ = try state.handle(event) }
        #expect(try state.handle(row.event) == row.does)
        #expect(state.phase == row.after)
    }

    @Test(
        arguments: [
            ([.pause], .start), ([.kill], .pause), ([.kill], .resume), ([.stop], .start), ([.stop], .restart),
            ([.stop], .kill), ([.stop], .pause), ([.stop], .resume),
        ] as [([ServerState.Event], ServerState.Event)])
    func `an operation that does not fit is refused and changes nothing`(
        before: [ServerState.Event], event: ServerState.Event
    ) throws {
        var state = ServerState()
        for event in before { _ = try state.handle(event) }
        let phase = state.phase
        let error = #expect(throws: EmbeddedPostgresError.self) { try state.handle(event) }
        #expect(error?.code == .wrongState)
        #expect(state.phase == phase)
    }

    @Test func `a server that could not be launched can be started again`() throws {
        var state = ServerState()
        _ = try state.handle(.restart)
        state.launchFailed()
        #expect(try state.handle(.start) == [.launch])
    }
}

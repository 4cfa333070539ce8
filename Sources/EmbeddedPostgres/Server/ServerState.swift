/// What a private server is doing, and which operations fit.
///
///     running ⇄ paused       pause, resume
///     running, paused → down           kill
///     down → running                   start, restart
///     running, paused → running        restart
///     any → stopped                    stop; nothing leads away from there
struct ServerState: Sendable, Equatable {
    enum Phase: Sendable, Equatable { case running, paused, down, stopped }
    enum Event: Sendable, Equatable { case start, restart, kill, pause, resume, stop }
    enum Action: Sendable, Equatable { case launch, shutDown, killAll, freeze, thaw, cleanUp }

    private(set) var phase = Phase.running

    /// What to do, in order. The phase is the new one at once; `launchFailed()` corrects it.
    mutating func handle(_ event: Event) throws(EmbeddedPostgresError) -> [Action] {
        let (next, actions): (Phase, [Action]) =
            switch (phase, event) {
            case (.running, .start): (.running, [])
            case (.down, .start): (.running, [.launch])
            case (.running, .restart): (.running, [.shutDown, .launch])
            case (.paused, .restart): (.running, [.thaw, .shutDown, .launch])
            case (.down, .restart): (.running, [.launch])
            case (.running, .kill), (.paused, .kill): (.down, [.killAll])
            case (.down, .kill): (.down, [])
            case (.running, .pause): (.paused, [.freeze])
            case (.paused, .pause): (.paused, [])
            case (.paused, .resume): (.running, [.thaw])
            case (.running, .resume): (.running, [])
            case (.running, .stop): (.stopped, [.shutDown, .cleanUp])
            case (.paused, .stop): (.stopped, [.thaw, .shutDown, .cleanUp])
            case (.down, .stop): (.stopped, [.cleanUp])
            case (.stopped, .stop): (.stopped, [])
            case (.paused, .start), (.down, .pause), (.down, .resume), (.stopped, _):
                throw EmbeddedPostgresError(.wrongState, "\(event) does not fit a server that is \(phase)")
            }
        phase = next
        return actions
    }

    /// The server that was to run does not.
    mutating func launchFailed() {
        phase = .down
    }
}

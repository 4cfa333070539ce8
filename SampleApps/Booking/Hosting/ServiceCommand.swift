import ArgumentParser
import ServiceLifecycle
import Skald

/// `booking service inventory --port 8082 --url …`: runs one of the services.
struct ServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "service", abstract: "Run one of the services.")

    @OptionGroup var options: ServiceOptions

    func run() async throws {
        let host = ServiceHost(options)
        switch options.service {
        case .orders: try await Orders(host).run()
        case .inventory:
            try await host.run(
                commands: Inventory.commands, projections: [SeatMap(), RoomList()],
                routes: { Stock(store: host.store).addRoutes(to: $0) })
        case .payments: try await host.run(commands: Payments.commands, projections: [Ledger()])
        case .notifications:
            try await host.run(commands: Notifications.commands, events: { try await Notifications.heard($0, $1) })
        }
    }
}

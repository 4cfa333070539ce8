import ArgumentParser

/// The booking sample: four services and the demo that runs them, lets them fail, and proves that nothing was lost.
@main
struct BookingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "booking",
        abstract: "A trip across four services: all of it is booked, or nothing.",
        subcommands: [DemoCommand.self, DiagramCommand.self, ServiceCommand.self])
}

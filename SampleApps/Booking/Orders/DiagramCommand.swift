import ArgumentParser
import Skald

/// `booking diagram`: the saga as a picture.
struct DiagramCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagram", abstract: "Print the saga as a Mermaid diagram, drawn from the code that runs.")

    func run() throws {
        print(try BookTrip(trips: InMemoryEventStore()).mermaid(), terminator: "")
    }
}

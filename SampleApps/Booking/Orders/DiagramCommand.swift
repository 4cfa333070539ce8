import ArgumentParser
import Skald

/// `booking diagram`: a saga as a picture.
struct DiagramCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagram", abstract: "Print a saga as a Mermaid diagram, drawn from the code that runs.")

    enum Drawn: String, CaseIterable, ExpressibleByArgument {
        case bookTrip = "book-trip"
        case cancelTrip = "cancel-trip"
    }

    @Argument(help: "Which saga.")
    var saga = Drawn.bookTrip

    func run() throws {
        let diagram =
            switch saga {
            case .bookTrip: try BookTrip(trips: InMemoryEventStore()).mermaid()
            case .cancelTrip: try CancelTrip(trips: InMemoryEventStore()).mermaid()
            }
        print(diagram, terminator: "")
    }
}

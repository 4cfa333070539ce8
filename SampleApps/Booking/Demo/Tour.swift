import Foundation
import Skald
import UnixSignals

/// Says how to look around while everything still runs: lines that can be pasted as they stand.
struct Tour: Sendable {
    let stage: Stage
    /// How the `skald` program is called: it was built beside this one.
    var skald = Self.besideThisProgram
    /// Connects to the orders' database as one who may look and help, and no more.
    let url: String

    func wait() async throws {
        stage.narrator.write(text)
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
        stage.narrator.write("")
    }

    var text: String {
        let orders = stage.instance(.orders), inventory = stage.instance(.inventory)
        return """

            Everything still runs; end it with Ctrl-C. Until then, look around in another
            terminal. Ask the services, order a trip of your own, and cancel another:

            curl -w '\\n' \(orders.url)/trips/trip-b
            curl -w '\\n' \(inventory.url)/seats/1A
            curl -w '\\n' \(orders.url)/trips -H content-type:application/json -d '
              {"booking": "mine", "seat": "9C", "cents": 900,
               "card": {"holder": "me", "limitCents": 1000}}'
            curl -w '\\n' -X POST \(orders.url)/trips/trip-a/cancel

            Ask their databases, that of orders first:

            export SKALD_URL="\(url.replacing(" dbname=", with: " \\\n  dbname="))"
            \(skald) saga ls
            \(skald) saga show book-trip trip-b
            \(skald) stream cat trip-trip-a
            \(skald) outbox ls

            """
    }

    /// As the shell found this program, so that a relative path stays one.
    private static var besideThisProgram: String {
        let here = CommandLine.arguments[0]
        guard let slash = here.lastIndex(of: "/") else { return "skald" }
        return here[...slash] + "skald"
    }
}

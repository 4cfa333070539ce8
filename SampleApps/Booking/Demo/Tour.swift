import Foundation
import Skald
import UnixSignals

/// Says how to look around while everything still runs.
struct Tour: Sendable {
    let stage: Stage

    func wait() async throws {
        let orders = stage.instance(.orders), inventory = stage.instance(.inventory)
        stage.narrator.write(
            """

            Everything still runs; end it with Ctrl-C. Until then, look around:
              curl \(orders.url)/trips/trip-b
              curl \(inventory.url)/seats/1A
              curl \(orders.url)/trips -H 'content-type: application/json' -d \\
                '{"booking":"mine","seat":"9C","cents":900,"card":{"holder":"me","limitCents":1000}}'
            and with the databases, each at --url "\(stage.databases[.orders]?.configuration.connectionString ?? "")":
              skald saga show book-trip trip-b
              skald stream cat trip-trip-a
            """)
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
    }
}

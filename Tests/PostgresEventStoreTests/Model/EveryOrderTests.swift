import Testing

/// Not only the mistakes that somebody thought of: every order in which the steps can be written.
@Suite struct EveryOrderTests {
    private let scenarios = [
        Scenario(
            sessions: [[[.append(to: 0)]], [[.append(to: 1)]]], readers: [.subscriber(reads: 1)], writersMayDie: false),
        Scenario(
            sessions: [[[.append(to: 0)]], [[.append(to: 0)]]], readers: [.subscriber(reads: 1)], writersMayDie: false),
    ]

    private func isSound(writers: WriterRules = .right, readers: ReaderRules = .right) async -> Bool {
        for scenario in scenarios {
            let model = WatermarkModel(scenario, writers: writers, readers: readers)
            guard await Exploration(model).violation == nil else { return false }
        }
        return true
    }

    /// The insert needs versions and positions, and the marker needs L0, so 60 orders can be written at all. Of them
    /// exactly those hold that lock before they compare, lock before they draw, and mark before they draw.
    @Test func `a writer is right if and only if it locks before it compares and draws, and marks before it draws`()
        async
    {
        let steps: [AppendStep] = [.lock, .check, .readSequence, .takeMarker, .draw]
        let orders = permutations(of: steps).filter { before($0, .readSequence, .takeMarker) }
        #expect(orders.count == 60)
        for order in orders {
            let expected =
                before(order, .lock, .check) && before(order, .lock, .draw) && before(order, .takeMarker, .draw)
            let sound = await isSound(writers: WriterRules(append: order + [.insert]))
            #expect(sound == expected, "\(order.map(\.rawValue))")
        }
    }

    @Test(arguments: [AppendStep.lock, .takeMarker])
    func `a writer can do without no step that has an order`(step: AppendStep) async {
        let sound = await isSound(writers: .right.without(step))
        #expect(!sound)
    }

    @Test func `a reader is right if and only if it takes L, then F, then the rows`() async {
        let orders = permutations(of: [ReaderStep.readSequence, .readMarkers, .readRows])
        #expect(orders.count == 6)
        for order in orders {
            let sound = await isSound(readers: ReaderRules(steps: order + [.moveCursor]))
            #expect(sound == (order == [.readSequence, .readMarkers, .readRows]), "\(order.map(\.rawValue))")
        }
    }

    private func before<Step: Equatable>(_ order: [Step], _ first: Step, _ second: Step) -> Bool {
        guard let one = order.firstIndex(of: first), let other = order.firstIndex(of: second) else { return false }
        return one < other
    }

    private func permutations<Element>(of elements: [Element]) -> [[Element]] {
        guard let last = elements.last else { return [[]] }
        return permutations(of: Array(elements.dropLast())).flatMap { shorter in
            (0...shorter.count).map { index in
                var longer = shorter
                longer.insert(last, at: index)
                return longer
            }
        }
    }
}

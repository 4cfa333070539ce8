import Testing

/// Expects that no interleaving breaks a promise.
///
/// - Parameter states: how many states there must be at least: a model that cannot move proves nothing.
func prove(
    _ scenario: Scenario, writers: WriterRules = .right, readers: ReaderRules = .right, atLeast states: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    let exploration = await Exploration(WatermarkModel(scenario, writers: writers, readers: readers))
    let (isSound, story, count) = (exploration.violation == nil, exploration.story, exploration.states.count)
    #expect(isSound, "\(story)", sourceLocation: sourceLocation)
    #expect(count >= states, "this model hardly moves", sourceLocation: sourceLocation)
}

/// Expects that some interleaving breaks the promise with this id, prints the shortest, and returns it.
@discardableResult func refute(
    _ scenario: Scenario, writers: WriterRules = .right, readers: ReaderRules = .right, breaking invariant: String,
    sourceLocation: SourceLocation = #_sourceLocation
) async -> String {
    let model = WatermarkModel(scenario, writers: writers, readers: readers)
    let exploration = await Exploration(model, lookingAt: invariant)
    let (isBroken, story) = (exploration.violation != nil, exploration.story)
    #expect(isBroken, "\(story)", sourceLocation: sourceLocation)
    print("\(Test.current?.name ?? ""):\n\(story)\n")
    return story
}

import PostgresEventStore
import Testing

@Suite struct LeaseConfigurationTests {
    /// SG12: with the margin of a long lease a short one would be over before it began.
    @Test func `the other times follow the duration, until they are chosen`() {
        var configuration = LeaseKeeper.Configuration()
        #expect(configuration.interval == .seconds(2) && configuration.margin == .seconds(1))
        configuration.duration = .seconds(1)
        #expect(configuration.interval == .milliseconds(200) && configuration.margin == .milliseconds(100))
        configuration.margin = .milliseconds(300)
        configuration.duration = .seconds(5)
        #expect(configuration.interval == .seconds(1) && configuration.margin == .milliseconds(300))
    }
}

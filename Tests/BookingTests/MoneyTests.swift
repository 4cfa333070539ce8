import Testing

@testable import Booking

struct MoneyTests {
    @Test(arguments: [(0, "0.00"), (5, "0.05"), (1_230, "12.30"), (-5, "-0.05"), (-1_230, "-12.30")])
    func `cents are written as an amount`(cents: Int, text: String) {
        #expect(cents.asMoney == text)
    }
}

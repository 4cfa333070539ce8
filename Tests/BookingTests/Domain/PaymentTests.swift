import SkaldTesting
import Testing

@testable import Booking

// SG8: money is conserved.
struct PaymentTests {
    @Test func `what is authorised is captured, and what is captured can be given back`() {
        given(Payment()).when(.authorise(cents: 500, limitCents: 500)).then(.authorised(cents: 500))
        given(Payment(), .authorised(cents: 500)).when(.capture).then(.captured(cents: 500))
        given(Payment(), .authorised(cents: 500), .captured(cents: 500)).when(.refund).then(.refunded(cents: 500))
    }

    @Test func `a card is declined beyond its limit, and stays declined`() {
        given(Payment()).when(.authorise(cents: 501, limitCents: 500)).then(.declined(cents: 501))
        given(Payment(), .declined(cents: 501)).when(.authorise(cents: 501, limitCents: 900)).then()
        given(Payment(), .declined(cents: 501)).when(.capture).then(throws: .notAuthorised)
    }

    @Test func `every command can come twice`() {
        given(Payment(), .authorised(cents: 5)).when(.authorise(cents: 5, limitCents: 9)).then()
        given(Payment(), .authorised(cents: 5), .captured(cents: 5)).when(.capture).then()
        given(Payment(), .authorised(cents: 5), .captured(cents: 5)).when(.authorise(cents: 5, limitCents: 9)).then()
        given(Payment(), .authorised(cents: 5), .voided).when(.void).then()
        given(Payment(), .authorised(cents: 5), .captured(cents: 5), .refunded(cents: 5)).when(.refund).then()
    }

    @Test func `a void that overtakes its authorisation refuses it when it comes`() {
        given(Payment()).when(.void).then(.voided)
        given(Payment(), .voided).when(.authorise(cents: 5, limitCents: 9)).then(throws: .calledOff)
        given(Payment(), .authorised(cents: 5), .voided).when(.capture).then(throws: .notAuthorised)
    }

    @Test func `what was captured is not voided, and what was not is not refunded`() {
        given(Payment(), .authorised(cents: 5), .captured(cents: 5)).when(.void).then(throws: .captured)
        given(Payment(), .authorised(cents: 5)).when(.refund).then(throws: .notCaptured)
    }

    @Test func `the amount of a booking does not change`() {
        given(Payment(), .authorised(cents: 5)).when(.authorise(cents: 6, limitCents: 9)).then(throws: .otherAmount)
        given(Payment()).when(.authorise(cents: 0, limitCents: 9)).then(throws: .notAnAmount)
        given(Payment()).when(.authorise(cents: -5, limitCents: 9)).then(throws: .notAnAmount)
    }

    @Test func `no order of commands captures more than was authorised, or gives back more than was captured`() {
        let commands: [Payment.Command] = [.authorise(cents: 5, limitCents: 9), .capture, .void, .refund]
        for number in 0..<(4 * 4 * 4 * 4 * 4) {
            var state = Payment().initialState
            var (authorised, captured, refunded) = (0, 0, 0)
            var rest = number
            for _ in 0..<5 {
                let events = (try? Payment().decide(commands[rest % 4], in: state)) ?? []
                rest /= 4
                for event in events {
                    Payment().evolve(&state, with: event)
                    switch event {
                    case .authorised(let cents): authorised += cents
                    case .captured(let cents): captured += cents
                    case .refunded(let cents): refunded += cents
                    case .declined, .voided: break
                    }
                }
            }
            #expect(authorised <= 5 && captured <= authorised && refunded <= captured, "order \(number)")
        }
    }
}

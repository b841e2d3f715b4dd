package import Model

/// What models cost, and since when. A model is found by its own name or by the longest listed name it begins with
/// (providers append dates).
package struct PriceBook: Hashable, Sendable {
    /// A price and the moment from which it holds.
    package struct Dated: Hashable, Sendable {
        package var from: Timestamp
        package var price: ModelPrice

        package init(from: Timestamp, price: ModelPrice) {
            self.from = from
            self.price = price
        }
    }

    /// Of each model, by when they begin.
    package private(set) var models: [String: [Dated]]

    package init(_ models: [String: [Dated]]) {
        self.models = models.filter { !$0.value.isEmpty }.mapValues { $0.sorted { $0.from < $1.from } }
    }

    /// `nil` for a model that is not listed. A time before the first price has the first.
    package func price(of model: String, at time: Timestamp) -> ModelPrice? {
        var prices = models[model]
        if prices == nil {
            let family = models.keys.filter { model.hasPrefix($0 + "-") || model.hasPrefix($0 + "@") }
                .max { $0.utf8.count < $1.utf8.count }
            prices = family.flatMap { models[$0] }
        }
        return (prices?.last { $0.from <= time } ?? prices?.first)?.price
    }

    /// The highest price of each kind of token that is or was, for what nobody knows the price of; `nil` of an empty book,
    /// which says of nothing that it is free.
    package var dearest: ModelPrice? {
        guard !models.isEmpty else { return nil }
        return ModelPrice(
            models.values.joined().reduce(.free) { most, dated in
                most.most(dated.price.rates).most(dated.price.long?.rates ?? .free)
            })
    }

    /// These prices, and of models that `other` names that one's.
    package func overridden(by other: PriceBook) -> PriceBook {
        PriceBook(models.merging(other.models) { $1 })
    }
}

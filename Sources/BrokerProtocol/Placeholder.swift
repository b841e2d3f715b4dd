enum BrokerProtocolPlaceholder {}

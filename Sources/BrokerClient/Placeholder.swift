enum BrokerClientPlaceholder {}

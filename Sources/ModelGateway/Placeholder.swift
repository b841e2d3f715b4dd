enum ModelGatewayPlaceholder {}

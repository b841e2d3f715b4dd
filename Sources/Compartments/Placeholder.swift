enum CompartmentsPlaceholder {}

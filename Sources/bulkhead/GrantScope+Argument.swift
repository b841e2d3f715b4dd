import ArgumentParser
import Model

extension GrantScope: ExpressibleByArgument {}

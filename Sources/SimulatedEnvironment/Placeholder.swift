// SimulatedEnvironment

// SimulatedEnvironmentTests

// SimulationRuntimeTests

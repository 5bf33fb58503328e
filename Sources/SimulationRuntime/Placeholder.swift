// SimulationRuntime

// TestEnvironment

// KubernetesAgentTests

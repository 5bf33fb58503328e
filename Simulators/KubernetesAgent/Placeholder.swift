// KubernetesAgent

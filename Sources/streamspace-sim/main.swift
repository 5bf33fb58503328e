print("streamspace-sim")

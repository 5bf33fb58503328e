// StreamSpaceProtocolTests

// StreamSpaceProtocol

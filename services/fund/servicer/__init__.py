"""One class for each service of the contract, one short method for each rpc."""

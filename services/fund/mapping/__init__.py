"""Messages of the contract to the fund's own values and back; no rule lives here."""

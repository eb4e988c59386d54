"""What the council shares with others: releases that may be cited, agreements, and feeds."""

"""What changed for the children whom the fund supported, and what it cost.

`method` holds the arithmetic over arrays and knows no database; the modules beside it read
episodes and registers, store runs and answer rpcs.
"""

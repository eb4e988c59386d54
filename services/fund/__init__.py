"""The fund owns money: sources, budgets, spot purchases and the double-entry ledger.

It promises, commits and spends what funders gave, and can say of every penny whose it is.
It never knows a child's name, attendance or contact details: a child is an opaque id here.
"""

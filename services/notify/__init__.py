"""Notify owns templates, recipients and their preferences, messages, attempts and webhooks.

It tells the right person once, in time, and shows every failure; who is right comes from roles.
It never decides who may do what, and it holds no detail of a child.
"""

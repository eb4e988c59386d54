"""Attendance measures, computed over whole blocks of marks rather than mark by mark."""

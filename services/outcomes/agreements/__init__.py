"""Data-sharing agreements: who outside the council may have what, why, and until when."""

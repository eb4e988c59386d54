"""Episodes and shares as a pure function of what the fund has said."""

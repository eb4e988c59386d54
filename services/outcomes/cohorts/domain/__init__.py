"""The grammar of rules, how it is judged, and what moves children in and out."""
